/** The integer type of the portable arithmetic: AssemblyScript's own, a `number` holding an int32 in TypeScript. */
declare type i32 = number;
