import { parentPort, workerData } from "node:worker_threads";
import { createEpoch, createLearner } from "./learner.ts";
import { barrier, measuredGroups, Slot, type WorkerReply, type WorkerRequest, type WorkerTask } from "./shared.ts";
import { combineStatistics } from "./statistics.ts";
import { createTeacher } from "./teacher.ts";

/** One of the threads of a run. */
function serve(task: WorkerTask): (request: WorkerRequest) => WorkerReply {
  const { config, shared, index, workers, count, steps } = task;
  const learner = createLearner(task);
  const { kernels, arena, engine, painter, shape, imageAt } = learner;
  const group = engine.images;
  const ask = task.teacher && createTeacher(kernels, arena, config, engine, task.teacher);
  const done: WorkerReply = { kind: "done", step: steps };

  const train = createEpoch(task, learner, {
    prepare: engine.prepare,
    forward: () => {
      const lesson = ask?.();
      engine.forward(false);
      return lesson;
    },
  });

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
