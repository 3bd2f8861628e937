/** What a part of wasm memory holds: the network's tensors, what a run writes on its way, or what no run writes. */
export type RegionKind = "tensors" | "working" | "constants";

/** A part of wasm memory. */
export interface Region {
  readonly name: string;
  readonly kind: RegionKind;
  readonly offset: number;
  readonly bytes: number;
}

/** Words that the loader copies into wasm memory. */
export interface Constant {
  readonly region: Region;
  readonly words: Int16Array | Int32Array;
}

/** Block rows of weights that the loader has the kernels pack side by side, with the operands of `packRow`. */
export interface WeightRows {
  readonly weights: Int16Array;
  /** Rows first .. first + count - 1, `rowWords` words each. */
  readonly first: number;
  readonly count: number;
  readonly rowWords: number;
  readonly k: number;
  /** Where the first row's pairs and starts go; the next row's stand 4 bytes on. */
  readonly to: number;
  readonly starts: number;
  readonly pitch: number;
  readonly binPitch: number;
  readonly half: number;
}

/** Hands out memory. Everything begins on a cache line. */
export interface Layout {
  readonly regions: readonly Region[];
  readonly constants: readonly Constant[];
  readonly weightRows: readonly WeightRows[];
  /** A region of its own. */
  take(kind: RegionKind, name: string, bytes: number): Region;
  /** Address of words that stay as they are; `make` is called once. */
  constant(name: string, make: () => Int16Array | Int32Array): number;
  /** Has the kernels pack block rows into regions that were taken for them. */
  pack(rows: WeightRows): void;
  /** Address of memory that operations take turns to use, or that is zero for all of them. */
  shared(name: SharedName, bytes: number): number;
  end(): number;
}

/** Memory that operations share. */
const SHARED = {
  staging: "working",
  "tiles 0": "working",
  "tiles 1": "working",
  operands: "working",
  accumulators: "working",
  "weight row": "working",
  sink: "working",
  zeros: "constants",
} as const;
export type SharedName = keyof typeof SHARED;

/** Over-reads of the kernels: they take whole vectors, whose last words they do not use. */
const MARGIN_BYTES = 64;

/**
 * Lays memory out. What operations share needs as much as the largest of them, so `plan` runs twice: to ask, then with
 * the addresses.
 *
 * @param heap the first free byte
 */
export function layOut<Plan>(heap: number, plan: (layout: Layout) => Plan): { layout: Layout; plan: Plan } {
  const needs = new Map<SharedName, number>();
  plan({
    ...createLayout(heap, new Map()),
    constant: () => 0,
    pack: () => {},
    shared(name, bytes) {
      needs.set(name, Math.max(needs.get(name) ?? 0, bytes));
      return 0;
    },
  });
  const layout = createLayout(heap, needs);
  return { layout, plan: plan(layout) };
}

function createLayout(heap: number, shared: ReadonlyMap<SharedName, number>): Layout {
  const regions: Region[] = [];
  const constants: Constant[] = [];
  const weightRows: WeightRows[] = [];
  let end = heap;
  const take: Layout["take"] = (kind, name, bytes) => {
    const region = { name, kind, offset: Math.ceil(end / 64) * 64, bytes };
    regions.push(region);
    end = region.offset + bytes;
    return region;
  };
  const places = new Map([...shared].map(([name, bytes]) => [name, take(SHARED[name], name, bytes).offset]));
  return {
    regions,
    constants,
    weightRows,
    take,
    constant(name, make) {
      const words = make();
      const region = take("constants", name, words.byteLength);
      constants.push({ region, words });
      return region.offset;
    },
    pack: (rows) => weightRows.push(rows),
    shared: (name) => places.get(name) ?? 0,
    end: () => end + MARGIN_BYTES,
  };
}
