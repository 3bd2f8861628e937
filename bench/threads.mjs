// Time of batches in worker threads against one session in the calling thread, as ratios: every round runs each once, so
// that what else the machine does falls on all. Results are checked first. Run after a build:
// node bench/threads.mjs [--threads 1,2] [--items 1,8,64] [--model NAME] [--piece N] [--seconds 2] [--json]
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { capabilities, Session } from "../dist/index.js";
import { planMemory } from "../dist/model/memory.js";
import { volume } from "../dist/model/shape.js";
import { ThreadedSession } from "../dist/threads/index.js";
