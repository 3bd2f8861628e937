import { parentPort, workerData } from "node:worker_threads";
import { indexOfLargest } from "../layers/largest.ts";
import type { Model } from "../model/model.ts";
import { Session } from "../runtime/session.ts";
import { createPainter } from "../train/augment.ts";
import { SHARDS } from "../train/config.ts";
import { createEngine } from "../train/engine.ts";
import { createArena, instantiateKernels } from "../train/kernels.ts";
import { createOptimiser } from "../train/optimiser.ts";
import { inputWords, layOut, toNetwork } from "../train/parameters.ts";
import { permutation, stream } from "../train/random.ts";
import { barrier, groupOf, Slot, type WorkerReply, type WorkerRequest, type WorkerTask } from "../train/shared.ts";
import { quantiseNetwork } from "./quantise.ts";
import { createStraight } from "./straight.ts";

/** What a worker is started with: the recipe without norms, and a model with the formats of all to come. */
export interface FinetuneTask extends WorkerTask {
  readonly model: Model;
}

/** One of the threads of a run: they go through the steps of an epoch together and meet twice a step. */
function serve(task: FinetuneTask): (request: WorkerRequest) => WorkerReply {
  const { config, shared, index, workers, count, steps, model: formats } = task;
  const { batch, seed, smoothing, epochs } = config;
  const shard = batch / SHARDS;
  const group = groupOf(config);
  const size = inputWords(config);
  const shape = layOut(config);
  const kernels = instantiateKernels();
  const arena = createArena(kernels);
  const engine = createEngine(kernels, arena, config, group);
  const painter = createPainter(kernels, arena, config, engine);
  const border = (worker: number) => 4 * Math.floor(((shape.words / 4) * worker) / workers);
  const slice = { first: border(index), end: border(index + 1) };
  const optimiser = createOptimiser(kernels, arena, config, shape, shared, engine.parameters, slice);
  const straight = createStraight(kernels, engine, formats);
  const imageAt = (at: number) => shared.images.subarray(at * size, (at + 1) * size);
  const modelOf = (vector: Float32Array) =>
    quantiseNetwork(toNetwork(config, shape, vector, shared.statistics), formats).model;
  const done: WorkerReply = { kind: "done", step: steps };

  const trainGroup = (order: Uint32Array, epoch: number, first: number) => {
    const labels = arena.bytes(engine.labels, group);
    for (let lane = 0; lane < group; lane++) {
      const at = order[first + lane];
      painter.move(imageAt(at), lane, epoch, at);
      labels[lane] = shared.labels[at];
    }
    painter.place();
    straight.forward();
    const result = engine.loss(group, smoothing, 1 / batch);
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

  const train = (epoch: number): WorkerReply => {
    const order = permutation(count, stream(seed, 1, epoch));
    optimiser.load();
    for (let step = 0; step < steps; step++) {
      arena.floats(engine.parameters, shape.words).set(shared.parameters);
      engine.prepare();
      straight.reload(modelOf(shared.parameters));
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
    return done;
  };

  const evaluate = (epoch: number): WorkerReply => {
    using session = Session.fromModel(epoch < 0 ? formats : modelOf(shared.average));
    for (let at = count + index; at < shared.labels.length; at += workers) {
      const { words } = session.runSync({ input: imageAt(at) });
      if (indexOfLargest(words.data) === shared.labels[at]) Atomics.add(shared.control, Slot.correct, 1);
    }
    return done;
  };

  return ({ kind, epoch }) => (kind === "train" ? train(epoch) : evaluate(epoch));
}

const answer = serve(workerData as FinetuneTask);
parentPort?.on("message", (request: WorkerRequest) => parentPort?.postMessage(answer(request)));
