import { biasAndClip, lookUp } from "./activation";
import { convolve, transformPixels } from "./convolve";
import { irfftBiasAndClip } from "./irfft";
import { product1, product16, product4, product8, productRow, spreadOperands } from "./product";
import { rfft } from "./rfft";
import { halveBlocks, mask, naturalFromTile, quarterBlocks, tileFromNatural } from "./tiles";
import { convolvePlain, maxTaps, padPicture, sum, sumTaps } from "./windows";

/** Bytes of a step: the operation, then its operands, 32 bits each. */
const STEP_BYTES: usize = 128;

/**
 * Runs `steps` steps of a program; src/runtime/program.ts has the operations, their operands and the writer. An
 * inference is one call, so that it pays for one passage from JavaScript.
 */
export function run(program: usize, steps: i32): void {
  const end = program + <usize>steps * STEP_BYTES;
  for (let at = program; at < end; at += STEP_BYTES) step(load<i32>(at), at);
}

function step(operation: i32, at: usize): void {
  const a = load<i32>(at, 4);
  const b = load<i32>(at, 8);
  const c = load<i32>(at, 12);
  const d = load<i32>(at, 16);
  const e = load<i32>(at, 20);
  const f = load<i32>(at, 24);
  const g = load<i32>(at, 28);
  const h = load<i32>(at, 32);
  const i = load<i32>(at, 36);
  const j = load<i32>(at, 40);
  switch (operation) {
    case 0: return eachTileFromNatural(a, b, c, d);
    case 1: return eachNaturalFromTile(a, b, c, d);
    case 2: return eachRfft(a, b, c, d);
    case 3: return eachIrfft(a, b, c, d, e, f, g);
    case 4: return spreadOperands(a, b, c, d);
    case 5: return product16(a, b, c, d, e, f, g, h, i, j);
    case 6: return product8(a, b, c, d, e, f, g, h, i, j);
    case 7: return product4(a, b, c, d, e, f, g, h, i, j);
    case 8: return product1(a, b, c, d, e, f, g, h);
    case 9: return biasAndClip(a, b, c, d, e);
    case 10: return lookUp(a, b, c);
    case 11: return mask(a, b, c);
    case 12: { memory.fill(a, 0, b); return; }
    case 13: return productRow(a, b, c, d, e, f, g, h, i);
    case 14: { memory.copy(a, b, c); return; }
    case 15: return padPicture(a, b, c, d, e, f, g, h);
    case 16: return transformPixels(a, b, c, d, e, f, g, h, i);
    case 17: return convolve(
      a, b, c, d, e, f, g, h, i, j, load<i32>(at, 44), load<i32>(at, 48), load<i32>(at, 52), load<i32>(at, 56),
      load<i32>(at, 60), load<i32>(at, 64), load<i32>(at, 68), load<i32>(at, 72), load<i32>(at, 76), load<i32>(at, 80),
      load<i32>(at, 84), load<i32>(at, 88), load<i32>(at, 92),
    );
    case 18: return convolvePlain(
      a, b, c, d, e, f, g, h, i, j, load<i32>(at, 44), load<i32>(at, 48), load<i32>(at, 52), load<i32>(at, 56),
      load<i32>(at, 60), load<i32>(at, 64), load<i32>(at, 68),
    );
    case 19: return sumTaps(
      a, b, c, d, e, f, g, h, i, j, load<i32>(at, 44), load<i32>(at, 48), load<i32>(at, 52), load<i32>(at, 56),
      load<i32>(at, 60), load<i32>(at, 64), load<i32>(at, 68), load<i32>(at, 72),
    );
    case 20: return maxTaps(a, b, c, d, e, f, g, h, i);
    case 21: return sum(a, b, c, d, e, f, g, h);
    case 22: return halveBlocks(a, b, c, d);
    case 23: return quarterBlocks(a, b, c, d);
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

function eachRfft(tile: usize, tiles: i32, stages: i32, schedule: i32): void {
  const bytes = <usize>16 << stages;
  for (let i = 0; i < tiles; i++, tile += bytes) rfft(tile, stages, schedule, 1, stages);
}

function eachIrfft(tile: usize, tiles: i32, stages: i32, schedule: i32, bias: usize, lo: i32, hi: i32): void {
  const bytes = <usize>16 << stages;
  for (let i = 0; i < tiles; i++, tile += bytes) {
    irfftBiasAndClip(tile, stages, schedule, bias, lo, hi);
    if (bias) bias += bytes;
  }
}
