import { parentPort, workerData } from "node:worker_threads";
import { wrongOfChecker } from "./checker.ts";

parentPort?.postMessage((await wrongOfChecker(workerData)) ?? "");
