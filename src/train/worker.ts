import { parentPort, workerData } from "node:worker_threads";
import { createPainter } from "./augment.ts";
import { SHARDS } from "./config.ts";
import { createEngine } from "./engine.ts";
import { createArena, instantiateKernels } from "./kernels.ts";
import { createOptimiser } from "./optimiser.ts";
import { layOut } from "./parameters.ts";
import { permutation, stream } from "./random.ts";
import { barrier, Slot, type WorkerReply, type WorkerRequest, type WorkerTask } from "./shared.ts";

/** One of the threads of a run: they go through the steps of an epoch together and meet twice a step. */
function serve(task: WorkerTask): (request: WorkerRequest) => WorkerReply {
  const { config, shared, index, workers, count, steps } = task;
  const { batch, seed, smoothing, epochs } = config;
  const shard = batch / SHARDS;
  const size = config.input.shape[0] * config.input.shape[1];
  const shape = layOut(config);
  const kernels = instantiateKernels();
  const arena = createArena(kernels);
  const engine = createEngine(kernels, arena, shape, shard);
  const painter = createPainter(kernels, arena, config, engine);
  const border = (worker: number) => 4 * Math.floor(((shape.words / 4) * worker) / workers);
  const slice = { first: border(index), end: border(index + 1) };
  const optimiser = createOptimiser(kernels, arena, config, shape, shared, engine.parameters, slice);
  const imageAt = (at: number) => shared.images.subarray(at * size, (at + 1) * size);

  const trainShard = (order: Uint32Array, epoch: number, step: number, s: number) => {
    const labels = arena.bytes(engine.labels, shard);
    for (let lane = 0; lane < shard; lane++) {
      const at = order[step * batch + s * shard + lane];
      painter.move(imageAt(at), lane, epoch, at);
      labels[lane] = shared.labels[at];
    }
    painter.place();
    engine.forward();
    const { loss, correct } = engine.loss(shard, smoothing, 1 / batch);
    shared.statistics[2 * (step * SHARDS + s)] = loss;
    shared.statistics[2 * (step * SHARDS + s) + 1] = correct;
    engine.backward();
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
      const losses = shared.statistics.subarray(2 * step * SHARDS, 2 * (step + 1) * SHARDS);
      if (!losses.every(Number.isFinite)) return { kind: "diverged", step };
      optimiser.step(epoch * steps + step, epochs * steps);
      if (index === 0) Atomics.store(shared.control, Slot.step, step + 1);
      barrier(shared.control, workers);
    }
    optimiser.publish();
    barrier(shared.control, workers);
    return { kind: "done", step: steps };
  };

  const evaluate = (): WorkerReply => {
    arena.floats(engine.parameters, shape.words).set(shared.average);
    engine.prepare();
    for (let first = count + index * shard; first < shared.labels.length; first += workers * shard) {
      const live = Math.min(shard, shared.labels.length - first);
      for (let lane = 0; lane < live; lane++) painter.copy(imageAt(first + lane), lane);
      painter.place();
      arena.bytes(engine.labels, shard).set(shared.labels.subarray(first, first + live));
      engine.forward();
      Atomics.add(shared.control, Slot.correct, engine.loss(live, 0, 0).correct);
    }
    return { kind: "done", step: 0 };
  };

  return ({ kind, epoch }) => (kind === "train" ? train(epoch) : evaluate());
}

const answer = serve(workerData as WorkerTask);
parentPort?.on("message", (request: WorkerRequest) => parentPort?.postMessage(answer(request)));
