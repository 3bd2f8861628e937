import { quantiseReal } from "../model/input.ts";
import type { Model } from "../model/model.ts";
import { tensorTypes } from "../model/program.ts";
import { volume } from "../model/shape.ts";
import { observe } from "../runtime/observe.ts";
import type { Engine } from "../train/engine.ts";
import type { Kernels } from "../train/kernels.ts";

/** The forward pass of a float engine with the tensors that the deployed integers make. */
export interface Straight {
  /** Takes the words of a model of the same formats. */
  readonly reload: (model: Model) => void;
  /** Runs the model on every image in the engine's input; the engine's tensors become the real values of its words. */
  readonly forward: () => void;
}

interface Tensor {
  /** Places in the engine's memory of the words' first images, in f32. */
  readonly places: Int32Array;
  /** The words of every image. */
  readonly words: Int16Array;
  readonly unit: number;
}

/** Binds a model in the SIMD kernels to the engine of its float network. */
export function createStraight(kernels: Kernels, engine: Engine, model: Model): Straight {
  const { images } = engine;
  const observer = observe(model);
  const types = tensorTypes(model);
  const tensors = types.map(({ shape, fractionBits }, tensor): Tensor => {
    const words = new Int16Array(images * volume(shape));
    const isOwn = tensor === 0 || model.operations[tensor - 1].op !== "flatten";
    return { places: isOwn ? placesOf(kernels, engine, tensor) : NONE, words, unit: 2 ** -fractionBits };
  });
  const own = [...tensors.keys()].filter((tensor) => tensors[tensor].places !== NONE);
  let heap = new Float32Array(0);

  const runImages = () => {
    const [{ places, unit }] = tensors;
    const [input] = observer.tensors;
    for (let image = 0; image < images; image++) {
      for (let e = 0; e < places.length; e++) input[e] = quantiseReal(heap[places[e] + image], 1 / unit);
      observer.run();
      for (const tensor of own) {
        const { words, places: all } = tensors[tensor];
        words.set(observer.tensors[tensor], image * all.length);
      }
    }
  };
  const overwrite = ({ places, words, unit }: Tensor) => {
    const count = places.length;
    for (let e = 0; e < count; e++) {
      const place = places[e];
      for (let image = 0, at = e; image < images; image++, at += count) heap[place + image] = words[at] * unit;
    }
  };
  const forward = () => {
    heap = new Float32Array(kernels.memory.buffer);
    engine.forward(true, (tensor) => {
      if (tensor === 0) runImages();
      overwrite(tensors[tensor]);
    });
  };
  return { reload: observer.reload, forward };
}

const NONE = new Int32Array(0);

function placesOf(kernels: Kernels, engine: Engine, tensor: number): Int32Array {
  const { address, table, pixel, pixels, channels } = engine.tensor(tensor);
  const offsets = new Uint32Array(kernels.memory.buffer, table, channels);
  return Int32Array.from({ length: pixels * channels }, (_, e) => {
    return (address + offsets[e % channels] + Math.floor(e / channels) * pixel) / 4;
  });
}
