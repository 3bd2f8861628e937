/** Something that is timed, counted and compared with the reference. */
export interface Case {
  readonly name: string;
  /** How many of what is named a run does. */
  readonly items: number;
  /** Of an operation: products and sums of its dense form. */
  readonly denseOperations?: number;
  make(module: WebAssembly.Module): {
    run(): void;
    /** What the kernels make, and what the reference makes. */
    words(): Int16Array;
    expected(): Int16Array;
  };
}
export declare const CASES: readonly Case[];
