import type { Realisation } from "./realisation.ts";
import type { Vector } from "./vectors.ts";

/** What one realisation made of one vector; `difference` names the first word that is not as it must be. */
export interface VectorResult {
  readonly realisation: string;
  readonly vector: Vector;
  readonly difference?: { readonly index: number; readonly expected: number; readonly actual: number | undefined };
}

/** Runs vectors on a realisation and compares every word. */
export async function* conform(realisation: Realisation, vectors: readonly Vector[]): AsyncGenerator<VectorResult> {
  for (const vector of vectors) {
    const y = await runVector(realisation, vector);
    const length = Math.max(y.length, vector.y.length);
    let index = 0;
    while (index < length && y[index] === vector.y[index]) index++;
    yield {
      realisation: realisation.name,
      vector,
      ...(index < length ? { difference: { index, expected: vector.y[index], actual: y[index] } } : {}),
    };
  }
}

function runVector(realisation: Realisation, vector: Vector): Int16Array | Promise<Int16Array> {
  if ("operation" in vector) return realisation.perform(vector.operation, [vector.x]);
  return realisation[vector.op](vector.x, vector.schedule);
}
