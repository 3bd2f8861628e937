import { execFileSync } from "node:child_process";

/**
 * Nothing if a program is installed, or the reason for a printed skip. With REQUIRE_RTL_TOOLS=1 a missing program is
 * no reason: the test runs, and fails.
 */
export function findTool(program: string): string | undefined {
  if (process.env.REQUIRE_RTL_TOOLS === "1") return undefined;
  try {
    execFileSync("which", [program], { stdio: "ignore" });
    return undefined;
  } catch {
    return `(skipped: ${program} is not installed)`;
  }
}
