// Prints the time of the first inference of this process.
import * as assets from "./assets.mjs";
import { timeFirst } from "./suite.mjs";

console.log(JSON.stringify(await timeFirst(() => import("circulant"), assets)));
