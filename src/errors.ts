/** What went wrong, stable across versions; programs switch on it. */
export type ErrorCode =
  | "SHAPE"
  | "MODEL_FILE"
  | "SIGNATURE"
  | "OVERFLOW"
  | "OPTION"
  | "SIMULATION"
  | "SYNTHESIS"
  | "MISMATCH"
  | "DATA"
  | "INPUT"
  | "CHECKPOINT"
  | "TRAINING"
  | "RUNTIME"
  | "REQUEST";

type Fields = Readonly<Record<string, unknown>>;

const BRAND = Symbol.for("circulant.error");

/** The name of the class of a code, also where a bundler gave the class another. */
function nameOf(code: ErrorCode): string {
  const words = code.split("_").map((word) => word[0] + word.slice(1).toLowerCase());
  return `${words.join("")}Error`;
}

/**
 * The base of every error that bad data or bad options raise. The message reads
 * *what: expected ..., got ...*, with the remedy where one is known; the numbers are in `fields`.
 */
export class CirculantError extends Error {
  /** The code of a class's errors; none for those that stand for several. */
  declare static readonly code?: ErrorCode;
  readonly code: ErrorCode;
  readonly fields: Fields;

  constructor(code: ErrorCode, message: string, fields: Fields = {}) {
    super(message);
    this.name = Object.hasOwn(new.target, "code") ? nameOf(code) : new.target.name;
    this.code = code;
    this.fields = fields;
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** Holds for errors of every copy of this package and every realm: entries of the package are bundles of their own. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore-start lint/complexity/noThisInStatic: the class that is asked, not this one
    if (Function.prototype[Symbol.hasInstance].call(this, value)) return true;
    if (typeof value !== "object" || value === null || !(BRAND in value)) return false;
    if (Object.hasOwn(this, "code")) return "code" in value && value.code === this.code;
    return Object.getPrototypeOf(this) === Error;
    // biome-ignore-end lint/complexity/noThisInStatic: as above
  }
}

/** An array whose length or shape does not fit its use. */
export class ShapeError extends CirculantError {
  static override readonly code = "SHAPE";

  constructor(message: string, fields?: Fields) {
    super("SHAPE", message, fields);
  }
}

/** A model file that is cut, altered, hostile or of an unknown version. Fields: `field`, `offset` where known. */
export class ModelFileError extends CirculantError {
  static override readonly code = "MODEL_FILE";

  constructor(message: string, fields?: Fields) {
    super("MODEL_FILE", message, fields);
  }
}

/** A model file that no trusted key has signed. Fields: `problem`, one of MISSING, LENGTH and MISMATCH. */
export class SignatureError extends CirculantError {
  static override readonly code = "SIGNATURE";

  constructor(message: string, fields?: Fields) {
    super("SIGNATURE", message, fields);
  }
}

/** An accumulator that could wrap. Fields: `layer`, `block`, `bin`, `bound`. */
export class OverflowError extends CirculantError {
  static override readonly code = "OVERFLOW";

  constructor(message: string, fields?: Fields) {
    super("OVERFLOW", message, fields);
  }
}

/** An option or a configuration field that does not hold. Fields: `option`. */
export class OptionError extends CirculantError {
  static override readonly code = "OPTION";

  constructor(message: string, fields?: Fields) {
    super("OPTION", message, fields);
  }
}

/** A simulator that is missing, does not build, or does not finish. Fields: `simulator`. */
export class SimulationError extends CirculantError {
  static override readonly code = "SIMULATION";

  constructor(message: string, fields?: Fields) {
    super("SIMULATION", message, fields);
  }
}

/** A design that does not synthesise, or a netlist that is not what was written. Fields: `family`, `top`. */
export class SynthesisError extends CirculantError {
  static override readonly code = "SYNTHESIS";

  constructor(message: string, fields?: Fields) {
    super("SYNTHESIS", message, fields);
  }
}

/** Two realisations that differ where they cannot be compared. Fields: `operation`, `tensor`, `expected`, `actual`. */
export class MismatchError extends CirculantError {
  static override readonly code = "MISMATCH";

  constructor(message: string, fields?: Fields) {
    super("MISMATCH", message, fields);
  }
}

/** A data set that is missing, short or malformed. Fields: `file`. */
export class DataError extends CirculantError {
  static override readonly code = "DATA";

  constructor(message: string, fields?: Fields) {
    super("DATA", message, fields);
  }
}

/** An input that cannot be run: a wrong type, a NaN. Fields: `index`. */
export class InputError extends CirculantError {
  static override readonly code = "INPUT";

  constructor(message: string, fields?: Fields) {
    super("INPUT", message, fields);
  }
}

/** A checkpoint that is cut, altered, or belongs to another run. Fields: `file`. */
export class CheckpointError extends CirculantError {
  static override readonly code = "CHECKPOINT";

  constructor(message: string, fields?: Fields) {
    super("CHECKPOINT", message, fields);
  }
}

/** Training that diverged. Fields: `step`. */
export class TrainingError extends CirculantError {
  static override readonly code = "TRAINING";

  constructor(message: string, fields?: Fields) {
    super("TRAINING", message, fields);
  }
}

/**
 * An engine that cannot do what is asked (no WebAssembly, no SIMD, a page's policy, code generation disallowed, no memory,
 * no Ed25519) or a released session. Fields: `problem` where the engine is meant.
 */
export class RuntimeError extends CirculantError {
  static override readonly code = "RUNTIME";

  constructor(message: string, fields?: Fields) {
    super("RUNTIME", message, fields);
  }
}

/** A request that a server does not answer as asked. `status` is that of HTTP. Fields: what was expected and came. */
export class RequestError extends CirculantError {
  static override readonly code = "REQUEST";
  readonly status: number;

  constructor(status: number, message: string, fields?: Fields) {
    super("REQUEST", message, { ...fields, status });
    this.status = status;
  }
}
