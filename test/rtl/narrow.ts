import { compile } from "../../src/compile/index.ts";
import type { Model } from "../../src/model/model.ts";
import { type EngineProgram, networkProgram } from "../../src/rtl/program.ts";
import type { FloatNetwork } from "../../src/train/network.ts";
import { everyOperation, randomInputs } from "../compile/random-network.ts";
import { createRandom, randomWords } from "../contract/random.ts";

export interface NarrowNetwork {
  readonly model: Model;
  readonly program: EngineProgram;
  /** Words of an input. */
  readonly x: Int16Array;
}

/** A network, of every operation if none is given, that is compiled with weights of so many bits. */
export function narrowNetwork(bits: number, network: FloatNetwork = everyOperation(3)): NarrowNetwork {
  const size = network.input.shape.reduce((product, side) => product * side);
  const { model } = compile(network, randomInputs(1, size, 8), { weightBits: bits });
  return { model, program: networkProgram(model), x: randomWords(size, "uniform", createRandom(bits)) };
}
