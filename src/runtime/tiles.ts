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
  const places = blockPlaces(stages);
  for (let at = 0; at < natural.length; at++) tiles[tileIndex(at, stages, places)] = natural[at];
}

/** The inverse of `tilesFromNatural`: the first words of tiles, in natural order. */
export function naturalFromTiles(tiles: Int16Array, stages: number, natural: Int16Array): void {
  const places = blockPlaces(stages);
  for (let at = 0; at < natural.length; at++) natural[at] = tiles[tileIndex(at, stages, places)];
}

/** Words of tiles of spectra, block after block; `blocks` is overwritten. */
export function blocksFromTiles(tiles: Int16Array, stages: number, blocks: Int16Array): void {
  const places = Uint16Array.from({ length: 1 << stages }, (_, n) => n);
  for (let at = 0; at < blocks.length; at++) blocks[at] = tiles[tileIndex(at, stages, places)];
}

/** Rows of the elements of a block in a tile: their indices with the bits in reverse order. */
function blockPlaces(stages: number): Uint16Array {
  const places = new Uint16Array(1 << stages);
  for (let filled = 1, bit = places.length >> 1; bit > 0; filled *= 2, bit >>= 1) {
    for (let n = 0; n < filled; n++) places[filled + n] = places[n] + bit;
  }
  return places;
}

function tileIndex(at: number, stages: number, places: Uint16Array): number {
  const block = at >> stages;
  return (((block >> 3) << stages) + places[at & (places.length - 1)]) * LANES + (block & 7);
}
