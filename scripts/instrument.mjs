// Adds counters to a binary: what an inference executes, in numbers that no busy machine changes.
import {
  countItems,
  forEachInstruction,
  leb,
  rewriteFunctions,
  rewriteSections,
  signedLeb,
  withItems,
} from "./wasm-code.mjs";

/**
 * What is counted: all instructions but block, loop, else and end, which do nothing; those of SIMD, its loads, stores and
 * constants among them; loads and stores of any width; bytes that memory.copy and memory.fill write.
 */
export const COUNTERS = ["instructions", "v128", "loads", "stores", "bulkBytes"];

const GLOBALS = 6;
const EXPORTS = 7;
const [I32, I64] = [0x7f, 0x7e];
const [GET, SET] = [0x23, 0x24];
const I64_CONST = 0x42;
const I64_ADD = 0x7c;
const I64_EXTEND_I32_U = 0xad;

const [BLOCK, LOOP, ELSE, END] = [0x02, 0x03, 0x05, 0x0b];
const IDLE = [BLOCK, LOOP, ELSE, END];
/** if, br, br_if, br_table, return, unreachable: what follows one of them may run more or less often than it. */
const ENDS_RUN = [LOOP, ELSE, END, 0x04, 0x0c, 0x0d, 0x0e, 0x0f, 0x00];

/**
 * The binary with an exported i64 global for each counter. Straight-line code adds to them once, at its start: what it
 * leaves on the stack stays under the sum.
 */
export function instrument(wasm) {
  const first = countItems(wasm, GLOBALS);
  const counted = rewriteFunctions(wasm, (code) => withCounters(code, first));
  const globals = [...COUNTERS.map(() => [I64, 1, I64_CONST, 0, END]), [I32, 1, 0x41, 0, END]];
  const exports = COUNTERS.map((name, i) => [...nameBytes(exportName(name)), 3, ...leb(first + i)]);
  return rewriteSections(counted, (id, content) => {
    if (id === GLOBALS) return withItems(content, globals);
    return id === EXPORTS ? withItems(content, exports) : content;
  });
}

/** What an instance of an instrumented binary has counted. */
export function readCounts({ exports }) {
  return Object.fromEntries(COUNTERS.map((name) => [name, Number(exports[exportName(name)].value)]));
}

function exportName(counter) {
  return `counted ${counter}`;
}

function withCounters(code, first) {
  const parts = [];
  let run = emptyRun(0);
  const flush = (end) => {
    parts.push(
      ...COUNTERS.flatMap((name, i) => (run[name] ? add(first + i, [I64_CONST, ...signedLeb(run[name])]) : [])),
    );
    parts.push(...run.code, ...code.subarray(run.start, end));
    run = emptyRun(end);
  };
  forEachInstruction(code, (opcode, sub, at, next) => {
    countOne(run, opcode, sub);
    if (opcode === 0xfc && sub >= 10) {
      run.code.push(...code.subarray(run.start, at), ...bulk(first));
      run.start = at;
    }
    if (ENDS_RUN.includes(opcode)) flush(next);
  });
  flush(code.length);
  return Uint8Array.from(parts);
}

function emptyRun(start) {
  return { start, code: [], instructions: 0, v128: 0, loads: 0, stores: 0 };
}

function countOne(run, opcode, sub) {
  if (IDLE.includes(opcode)) return;
  const simd = opcode === 0xfd;
  run.instructions++;
  if (simd) run.v128++;
  if (simd ? sub <= 10 || (sub >= 84 && sub <= 87) || sub === 92 || sub === 93 : opcode >= 0x28 && opcode <= 0x35)
    run.loads++;
  if (simd ? sub === 11 || (sub >= 88 && sub <= 91) : opcode >= 0x36 && opcode <= 0x3e) run.stores++;
}

/** Adds the count on top of the stack, which stays there, to the bytes. */
function bulk(first) {
  const spare = leb(first + COUNTERS.length);
  const keep = [SET, ...spare, GET, ...spare];
  return [...keep, ...add(first + COUNTERS.indexOf("bulkBytes"), [GET, ...spare, I64_EXTEND_I32_U])];
}

function add(global, value) {
  return [GET, ...leb(global), ...value, I64_ADD, SET, ...leb(global)];
}

function nameBytes(name) {
  return [...leb(name.length), ...Buffer.from(name)];
}
