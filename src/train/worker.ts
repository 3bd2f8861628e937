import { parentPort, workerData } from "node:worker_threads";
import { createPainter } from "./augment.ts";
import { SHARDS } from "./config.ts";
import { createEngine } from "./engine.ts";
import { createArena, instantiateKernels } from "./kernels.ts";
import { createOptimiser } from "./optimiser.ts";
import { inputWords, layOut } from "./parameters.ts";
import { permutation, stream } from "./random.ts";
import {
  barrier,
  groupOf,
  measuredGroups,
  Slot,
  type WorkerReply,
  type WorkerRequest,
  type WorkerTask,
} from "./shared.ts";
import { combineStatistics } from "./statistics.ts";
import { createTeacher } from "./teacher.ts";

/** One of the threads of a run: they go through the steps of an epoch together and meet twice a step. */
function serve(task: WorkerTask): (request: WorkerRequest) => WorkerReply {
  const { config, shared, index, workers, count, steps } = task;
  const { batch, seed, smoothing, epochs } = config;
  const shard = batch / SHARDS;
  const group = groupOf(config);
  const size = inputWords(config);
  const shape = layOut(config);
  const kernels = instantiateKernels();
  const arena = createArena(kernels);
  const engine = createEngine(kernels, arena, config, group);
  const ask = task.teacher && createTeacher(kernels, arena, config, engine, task.teacher);
  const painter = createPainter(kernels, arena, config, engine);
  const border = (worker: number) => 4 * Math.floor(((shape.words / 4) * worker) / workers);
  const slice = { first: border(index), end: border(index + 1) };
  const optimiser = createOptimiser(kernels, arena, config, shape, shared, engine.parameters, slice);
  const imageAt = (at: number) => shared.images.subarray(at * size, (at + 1) * size);
  const done: WorkerReply = { kind: "done", step: steps };

  const trainGroup = (order: Uint32Array, epoch: number, first: number) => {
    const labels = arena.bytes(engine.labels, group);
    for (let lane = 0; lane < group; lane++) {
      const at = order[first + lane];
      painter.move(imageAt(at), lane, epoch, at);
      labels[lane] = shared.labels[at];
    }
    painter.place();
    const lesson = ask?.();
    engine.forward(false);
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

  const train = (epoch: number): WorkerReply => {
    const order = permutation(count, stream(seed, 1, epoch));
    optimiser.load();
    for (let step = 0; step < steps; step++) {
      arena.floats(engine.parameters, shape.words).set(shared.parameters);
      engine.prepare();
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

  const loadAverage = () => {
    arena.floats(engine.parameters, shape.words).set(shared.average);
    arena.floats(engine.statistics, shape.statisticsWords).set(shared.statistics);
    engine.prepare();
  };

  const draw = (first: number, live: number) => {
    for (let lane = 0; lane < live; lane++) painter.copy(imageAt(first + lane), lane);
    painter.place();
  };

  const measure = (): WorkerReply => {
    loadAverage();
    const words = shape.statisticsWords;
    for (let at = index; at < measuredGroups(config, count); at += workers) {
      draw(at * group, group);
      engine.forward(false);
      shared.samples.set(arena.floats(engine.measured, words), at * words);
    }
    barrier(shared.control, workers);
    if (index === 0) combineStatistics(shape, shared.samples, shared.statistics);
    return done;
  };

  const evaluate = (): WorkerReply => {
    loadAverage();
    for (let first = count + index * group; first < shared.labels.length; first += workers * group) {
      const live = Math.min(group, shared.labels.length - first);
      draw(first, live);
      arena.bytes(engine.labels, group).set(shared.labels.subarray(first, first + live));
      engine.forward(true);
      Atomics.add(shared.control, Slot.correct, engine.loss(live, 0, 0).correct);
    }
    return done;
  };

  return ({ kind, epoch }) => (kind === "train" ? train(epoch) : kind === "measure" ? measure() : evaluate());
}

const answer = serve(workerData as WorkerTask);
parentPort?.on("message", (request: WorkerRequest) => parentPort?.postMessage(answer(request)));
