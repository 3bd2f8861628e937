/** Where a mutated cell stands. */
export interface MutantPlace {
  readonly file: string;
  /** The line of Verilog. */
  readonly text: string;
  /** The instance that it stands in, of a register its name. */
  readonly instance: string;
  readonly type: string;
}

/** The line and the name of what it drives. */
export function wordsOf({ text, instance }: MutantPlace): string {
  return `${text} ${instance}`;
}
