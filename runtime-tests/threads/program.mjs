// Prints the report of the suite in threads.
import { runThreaded } from "./suite.mjs";

console.log(JSON.stringify(await runThreaded()));
