import { CirculantError } from "../src/errors.ts";

/** The error of the project that an action throws. */
export function errorOf(action: () => unknown): CirculantError {
  try {
    action();
  } catch (error) {
    if (error instanceof CirculantError) return error;
    throw error;
  }
  throw new Error("expected an error, got none");
}
