import { parentPort, workerData } from "node:worker_threads";
import { indexOfLargest } from "../layers/largest.ts";
import { Session } from "../runtime/session.ts";
import { createEpoch, createLearner } from "../train/learner.ts";
import { Slot, type WorkerReply, type WorkerRequest } from "../train/shared.ts";
import { toNetwork } from "../train/to-network.ts";
import { quantiseNetwork } from "./quantise.ts";
import { createStraight } from "./straight.ts";
import { COMPILED, type FinetuneTask } from "./task.ts";

/** One of the threads of a run. */
function serve(task: FinetuneTask): (request: WorkerRequest) => WorkerReply {
  const { config, shared, index, workers, count, steps, model: formats } = task;
  const learner = createLearner(task);
  const { kernels, engine, shape, imageAt } = learner;
  const straight = createStraight(kernels, engine, formats);
  const modelOf = (vector: Float32Array) =>
    quantiseNetwork(toNetwork(config, shape, vector, shared.statistics), formats).model;

  const train = createEpoch(task, learner, {
    prepare: () => {
      engine.prepare();
      straight.reload(modelOf(shared.parameters));
    },
    forward: () => {
      straight.forward();
      return undefined;
    },
  });

  const evaluate = (epoch: number): WorkerReply => {
    using session = Session.fromModel(epoch === COMPILED ? formats : modelOf(shared.average));
    for (let at = count + index; at < shared.labels.length; at += workers) {
      const { words } = session.runSync({ input: imageAt(at) });
      if (indexOfLargest(words.data) === shared.labels[at]) Atomics.add(shared.control, Slot.correct, 1);
    }
    return { kind: "done", step: steps };
  };

  return ({ kind, epoch }) => (kind === "train" ? train(epoch) : evaluate(epoch));
}

const answer = serve(workerData as FinetuneTask);
parentPort?.on("message", (request: WorkerRequest) => parentPort?.postMessage(answer(request)));
