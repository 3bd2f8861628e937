import { createPainter, type Painter } from "./augment.ts";
import { SHARDS } from "./config.ts";
import { createEngine, type Engine, type Lesson } from "./engine.ts";
import { type Arena, createArena, instantiateKernels, type Kernels } from "./kernels.ts";
import { createOptimiser } from "./optimiser.ts";
import { inputWords, layOut, type ParameterShape } from "./parameters.ts";
import { permutation, stream } from "./random.ts";
import { barrier, groupOf, Slot, type WorkerReply, type WorkerTask } from "./shared.ts";

/** What a thread of a run computes with. */
export interface Learner {
  readonly kernels: Kernels;
  readonly arena: Arena;
  readonly engine: Engine;
  readonly painter: Painter;
  readonly shape: ParameterShape;
  /** The bytes of an image of the run. */
  readonly imageAt: (at: number) => Uint8Array;
}

/** What kinds of training differ in. */
export interface Pass {
  /** Takes the parameters of a step, which stand in the engine. */
  readonly prepare: () => void;
  /** Runs the network over the images in the engine's input; what a teacher says of them, if there is one. */
  readonly forward: () => Lesson | undefined;
}

export function createLearner({ config, shared }: WorkerTask): Learner {
  const kernels = instantiateKernels();
  const arena = createArena(kernels);
  const engine = createEngine(kernels, arena, config, groupOf(config));
  const painter = createPainter(kernels, arena, config, engine);
  const size = inputWords(config);
  const imageAt = (at: number) => shared.images.subarray(at * size, (at + 1) * size);
  return { kernels, arena, engine, painter, shape: layOut(config), imageAt };
}

/** The part of a thread in an epoch: all go through its steps together and meet twice a step. */
export function createEpoch(task: WorkerTask, learner: Learner, pass: Pass): (epoch: number) => WorkerReply {
  const { config, shared, index, workers, count, steps } = task;
  const { batch, seed, smoothing, epochs } = config;
  const { kernels, arena, engine, painter, shape, imageAt } = learner;
  const shard = batch / SHARDS;
  const group = engine.images;
  const border = (worker: number) => 4 * Math.floor(((shape.words / 4) * worker) / workers);
  const slice = { first: border(index), end: border(index + 1) };
  const optimiser = createOptimiser(kernels, arena, config, shape, shared, engine.parameters, slice);

  const trainGroup = (order: Uint32Array, epoch: number, first: number) => {
    const labels = arena.bytes(engine.labels, group);
    for (let lane = 0; lane < group; lane++) {
      const at = order[first + lane];
      painter.move(imageAt(at), lane, epoch, at);
      labels[lane] = shared.labels[at];
    }
    painter.place();
    const lesson = pass.forward();
    const result = engine.loss(group, smoothing, 1 / batch, lesson);
    engine.backward();
    return result;
  };

  const trainShard = (order: Uint32Array, epoch: number, step: number, s: number) => {
    const at = 2 * (step * SHARDS + s);
    shared.losses[at] = 0;
    shared.losses[at + 1] = 0;
    engine.clear();
    for (let first = 0; first < shard; first += group) {
      const { loss, correct } = trainGroup(order, epoch, step * batch + s * shard + first);
      shared.losses[at] += loss;
      shared.losses[at + 1] += correct;
    }
    engine.collect();
    shared.gradients[s].set(arena.floats(engine.gradient, shape.words));
  };

  return (epoch) => {
    const order = permutation(count, stream(seed, 1, epoch));
    optimiser.load();
    for (let step = 0; step < steps; step++) {
      arena.floats(engine.parameters, shape.words).set(shared.parameters);
      pass.prepare();
      for (let s = index; s < SHARDS; s += workers) trainShard(order, epoch, step, s);
      barrier(shared.control, workers);
      const losses = shared.losses.subarray(2 * step * SHARDS, 2 * (step + 1) * SHARDS);
      if (!losses.every(Number.isFinite)) return { kind: "diverged", step };
      optimiser.step(epoch * steps + step, epochs * steps);
      if (index === 0) Atomics.store(shared.control, Slot.step, step + 1);
      barrier(shared.control, workers);
    }
    optimiser.publish();
    barrier(shared.control, workers);
    return { kind: "done", step: steps };
  };
}
