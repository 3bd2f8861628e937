import { browserRows } from "../browsers/rows.mjs";
import { bunRows } from "../bun/rows.mjs";
import { bundlerRows } from "../bundlers/rows.mjs";
import { denoRows } from "../deno/rows.mjs";
import { edgeRuntimeRows } from "../edge-runtime/rows.mjs";
import { exampleRows } from "../examples/rows.mjs";
import { lambdaRows } from "../lambda/rows.mjs";
import { miniflareRows } from "../miniflare/rows.mjs";
import { nextRows } from "../next/rows.mjs";
import { nodeRows } from "../node/rows.mjs";
import { pageRows } from "../page/rows.mjs";
import { serverRows } from "../server/rows.mjs";
import { threadRows } from "../threads/rows.mjs";
import { vitestWorkerdRows } from "../vitest-workerd/rows.mjs";
import { wasmInterpRows } from "../wasm-interp/rows.mjs";
import { workerdRows } from "../workerd/rows.mjs";

const ROOMS = [
  nodeRows,
  denoRows,
  bunRows,
  workerdRows,
  miniflareRows,
  vitestWorkerdRows,
  edgeRuntimeRows,
  lambdaRows,
  serverRows,
  browserRows,
  threadRows,
  wasmInterpRows,
  bundlerRows,
  exampleRows,
  pageRows,
  nextRows,
];

/** All rows of the table, in its order. */
export function allRows(context) {
  return ROOMS.flatMap((rows) => rows(context));
}
