import { availableSimulators } from "../../src/rtl/simulate/open.ts";

/**
 * Nothing if a simulator is installed, or the reason for a printed skip. With REQUIRE_RTL_TOOLS=1 a missing one is
 * no reason: the test runs, and fails.
 */
export function missingSimulator(simulator: "icarus" | "verilator"): string | undefined {
  const state = availableSimulators()[simulator];
  return state.available || process.env.REQUIRE_RTL_TOOLS === "1" ? undefined : `(skipped: ${state.reason})`;
}
