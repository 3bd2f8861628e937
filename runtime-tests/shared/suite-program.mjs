// Prints the suite's report, for runtimes that print.
import * as circulant from "circulant";
import * as assets from "./assets.mjs";
import { runSuite } from "./suite.mjs";

console.log(JSON.stringify(await runSuite(circulant, assets)));
