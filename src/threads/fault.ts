import {
  type CirculantError,
  type ErrorCode,
  InputError,
  ModelFileError,
  OptionError,
  OverflowError,
  RuntimeError,
  ShapeError,
} from "../errors.ts";
import { messageOf } from "../runtime/message.ts";

/** An error as a message carries it: its class does not survive the way. */
export interface Fault {
  /** Undefined for one that is none of the package's. */
  readonly code: ErrorCode | undefined;
  readonly message: string;
  readonly fields: CirculantError["fields"];
}

/** The errors that a model or its input can meet in a thread. */
const CLASSES: Partial<Record<ErrorCode, new (message: string, fields?: Fault["fields"]) => CirculantError>> = {
  INPUT: InputError,
  MODEL_FILE: ModelFileError,
  OPTION: OptionError,
  OVERFLOW: OverflowError,
  RUNTIME: RuntimeError,
  SHAPE: ShapeError,
};

export function faultOf(thrown: unknown): Fault {
  const { code, fields } = Object(thrown) as Partial<CirculantError>;
  const isKnown = code !== undefined && Object.hasOwn(CLASSES, code);
  return { code: isKnown ? code : undefined, message: messageOf(thrown), fields: isKnown ? (fields ?? {}) : {} };
}

/** The error, of the class and with the fields that it had; a RuntimeError if it was none of the package's. */
export function errorOf({ code, message, fields }: Fault): CirculantError {
  const Class = code && CLASSES[code];
  return Class ? new Class(message, fields) : threadError(message);
}

/** A thread that ended, or that failed in a way that no model or input explains. */
export function threadError(cause: string): RuntimeError {
  return new RuntimeError(`thread: expected one that works, got ${cause}`, { problem: "THREAD" });
}
