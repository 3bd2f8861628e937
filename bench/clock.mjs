// An estimate of the processor's clock rate: a chain of additions and exclusive ors in WebAssembly, each of which waits
// for the one before it, one cycle each on the processors known here.
import { leb } from "../scripts/wasm-code.mjs";

const CHAIN = 64;
const TURNS = 2000;

/** Values that the compiler does not know. */
const seed = [Date.now() | 1, performance.now() | 1];
const chain = chainFunction();

/** Cycles a nanosecond over 35 us or so; lower than the truth where something interrupts it. */
export function clockRate() {
  const start = performance.now();
  chain(TURNS, ...seed);
  return (CHAIN * TURNS) / ((performance.now() - start) * 1e6);
}

/** (func (param $turns $x $y i32) (result i32)): x = (x + y) ^ turns, CHAIN / 2 times a turn. */
function chainFunction() {
  const [turns, x, y] = [0, 1, 2].map((local) => [0x20, local]);
  const link = [...x, ...y, 0x6a, ...turns, 0x73, 0x21, 1];
  const links = Array.from({ length: CHAIN / 2 }, () => link).flat();
  const next = [...turns, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0];
  const body = [0x00, 0x03, 0x40, ...links, ...next, 0x0b, ...x, 0x0b];
  const section = (id, content) => [id, ...leb(content.length), ...content];
  const wasm = Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [0x01, 0x60, 0x03, 0x7f, 0x7f, 0x7f, 0x01, 0x7f]),
    ...section(3, [0x01, 0x00]),
    ...section(7, [0x01, 0x05, ...Buffer.from("chain"), 0x00, 0x00]),
    ...section(10, [0x01, ...leb(body.length), ...body]),
  ]);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm));
  for (let i = 0; i < 500; i++) exports.chain(TURNS, ...seed);
  return exports.chain;
}
