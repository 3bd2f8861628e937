import { bitReverse } from "../fft/order.ts";

/** Blocks that one tile holds, one a lane: a tile is k v128, element n of its blocks in one of them. */
export const LANES = 8;

/** Tiles that `words` words fill. */
export function tileCount(words: number, k: number): number {
  return Math.ceil(words / (LANES * k));
}

/** Bytes of the tiles that `words` words fill. */
export function tileBytes(words: number, k: number): number {
  return tileCount(words, k) * LANES * k * 2;
}

/** Words in natural order as tiles: element n of block b in lane b % 8 of its tile, at its bit-reversed index. */
export function tilesFromNatural(natural: Int16Array, stages: number, tiles: Int16Array): void {
  for (let at = 0; at < natural.length; at++) tiles[tileIndex(at, stages)] = natural[at];
}

/** The inverse of `tilesFromNatural`: the first words of tiles, in natural order. */
export function naturalFromTiles(tiles: Int16Array, stages: number, natural: Int16Array): void {
  for (let at = 0; at < natural.length; at++) natural[at] = tiles[tileIndex(at, stages)];
}

/** Words of tiles of spectra, block after block; `blocks` is overwritten. */
export function blocksFromTiles(tiles: Int16Array, stages: number, blocks: Int16Array): void {
  const k = 1 << stages;
  for (let at = 0; at < blocks.length; at++) {
    const block = at >> stages;
    blocks[at] = tiles[((block >> 3) * k + (at & (k - 1))) * LANES + (block & 7)];
  }
}

function tileIndex(at: number, stages: number): number {
  const k = 1 << stages;
  const block = at >> stages;
  return ((block >> 3) * k + bitReverse(at & (k - 1), stages)) * LANES + (block & 7);
}
