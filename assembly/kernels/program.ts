import { biasAndClip, lookUp } from "./activation";
import { irfft } from "./irfft";
import { product1, product16, product4, product8, productRow, spreadOperands } from "./product";
import { rfft } from "./rfft";
import { mask, naturalFromTile, tileFromNatural } from "./tiles";

/** Bytes of a step: the operation, then its operands, 32 bits each. */
const STEP_BYTES: usize = 64;

/**
 * Runs `steps` steps of a program; src/runtime/program.ts has the operations, their operands and the writer. An
 * inference is one call, so that it pays for one passage from JavaScript.
 */
export function run(program: usize, steps: i32): void {
  const end = program + <usize>steps * STEP_BYTES;
  for (let at = program; at < end; at += STEP_BYTES) step(load<i32>(at), at + 4);
}

function step(operation: i32, at: usize): void {
  const a = load<i32>(at);
  const b = load<i32>(at, 4);
  const c = load<i32>(at, 8);
  const d = load<i32>(at, 12);
  const e = load<i32>(at, 16);
  const f = load<i32>(at, 20);
  const g = load<i32>(at, 24);
  const h = load<i32>(at, 28);
  const i = load<i32>(at, 32);
  switch (operation) {
    case 0: return eachTileFromNatural(a, b, c, d);
    case 1: return eachNaturalFromTile(a, b, c, d);
    case 2: return eachRfft(a, b, c, d, e, f);
    case 3: return eachIrfft(a, b, c, d, e, f);
    case 4: return spreadOperands(a, b, c, d);
    case 5: return product16(a, b, c, d, e, f, g, h, i);
    case 6: return product8(a, b, c, d, e, f, g, h, i);
    case 7: return product4(a, b, c, d, e, f, g, h, i);
    case 8: return product1(a, b, c, d, e, f, g);
    case 9: return biasAndClip(a, b, c, d, e);
    case 10: return lookUp(a, b, c);
    case 11: return mask(a, b, c);
    case 12: return memory.fill(a, 0, b);
    case 13: return productRow(a, b, c, d, e, f, g, h, i);
    default: unreachable();
  }
}

function eachTileFromNatural(natural: usize, tile: usize, tiles: i32, stages: i32): void {
  const bytes = <usize>16 << stages;
  for (let i = 0; i < tiles; i++, natural += bytes, tile += bytes) tileFromNatural(natural, tile, stages);
}

function eachNaturalFromTile(tile: usize, natural: usize, tiles: i32, stages: i32): void {
  const bytes = <usize>16 << stages;
  for (let i = 0; i < tiles; i++, natural += bytes, tile += bytes) naturalFromTile(tile, natural, stages);
}

function eachRfft(tile: usize, tiles: i32, stages: i32, schedule: i32, first: i32, last: i32): void {
  const bytes = <usize>16 << stages;
  for (let i = 0; i < tiles; i++, tile += bytes) rfft(tile, stages, schedule, first, last);
}

function eachIrfft(tile: usize, tiles: i32, stages: i32, schedule: i32, first: i32, last: i32): void {
  const bytes = <usize>16 << stages;
  for (let i = 0; i < tiles; i++, tile += bytes) irfft(tile, stages, schedule, first, last);
}
