/** Prints when each stage of a cold start ended, in milliseconds since the script's first line, and the answer. */
export function reportStages([start, imported, loaded, answered], answer) {
  const stages = { import: imported - start, load: loaded - imported, run: answered - loaded, total: answered - start };
  console.log(JSON.stringify({ ...stages, answer }));
}

/** The place of the largest value. */
export const largest = (values) => values.indexOf(Math.max(...values));
