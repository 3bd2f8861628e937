import { ShapeError } from "../errors.ts";
import type { FloatNetwork, FloatOperation } from "../train/network.ts";

/**
 * Pass: refuses networks to project that differ in more than block sizes and normalisation.
 *
 * @throws ShapeError naming the first operation that does, or that has blocks in the dense network
 */
export function checkAlike(dense: FloatNetwork, target: FloatNetwork): void {
  const count = dense.operations.length;
  if (target.operations.length !== count) {
    throw new ShapeError(
      `target: expected the ${count} operations of the dense network, got ${target.operations.length}`,
    );
  }
  checkSame("input", dense.input.shape, target.input.shape);
  for (const [i, source] of dense.operations.entries()) {
    const like = target.operations[i];
    const placeOf = (operation: FloatOperation) => [
      operation.op,
      ...operation.inputs,
      ...operation.output,
      ...("kernel" in operation ? [...operation.kernel, operation.stride, operation.pad] : []),
      ...("window" in operation ? [...operation.window, operation.stride] : []),
      ...(operation.op === "maxpool" ? [operation.pad] : []),
      "activation" in operation ? operation.activation : "",
    ];
    checkSame(`operation ${source.name}`, placeOf(source), placeOf(like));
    if ("k" in source && source.k !== 1) {
      throw new ShapeError(`${source.name}: expected a dense network, of block size 1, got ${source.k}`, {
        k: source.k,
      });
    }
  }
}

function checkSame(what: string, dense: readonly unknown[], target: readonly unknown[]): void {
  if (dense.join() === target.join()) return;
  throw new ShapeError(`${what}: expected ${dense.join(" ")} as in the dense network, got ${target.join(" ")}`, {
    what,
  });
}
