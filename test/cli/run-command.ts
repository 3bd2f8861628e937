import { Command } from "commander";
import { vi } from "vitest";

/** What a command wrote to standard output and to standard error. */
export interface Written {
  readonly out: string;
  readonly err: string;
}

/** Runs a command in this process; what it throws comes through. */
export async function runCommand(
  adders: readonly ((program: Command) => void)[],
  args: readonly string[],
): Promise<Written> {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  for (const add of adders) add(program);
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => {} });
  const written = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((text) => {
      written[name] += String(text);
      return true;
    }),
  );
  // The test runner has a console of its own.
  const log = vi.spyOn(console, "log").mockImplementation((text) => {
    written.stdout += `${text}\n`;
  });
  try {
    await program.parseAsync(["node", "circulant", ...args]);
  } finally {
    for (const spy of [...spies, log]) spy.mockRestore();
  }
  return { out: written.stdout, err: written.stderr };
}
