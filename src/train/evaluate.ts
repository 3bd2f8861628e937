import { type ImageSet, imageBytes } from "../data/images.ts";
import { createPainter } from "./augment.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { createEngine } from "./engine.ts";
import { createArena, instantiateKernels } from "./kernels.ts";
import { layOut } from "./parameters.ts";

/** Images that go through the kernels together. */
const GROUP = 16;

/** How a network answers images: mean cross-entropy, and the share that it answers right. */
export interface Answers {
  readonly loss: number;
  readonly accuracy: number;
}

/** The share of images that a checkpoint's network answers right. */
export function evaluate(checkpoint: Answering, set: ImageSet): number {
  return measure(checkpoint, set).accuracy;
}

type Answering = Pick<Checkpoint, "config" | "average" | "statistics">;

/** Loss and accuracy of a checkpoint's network. */
export function measure(checkpoint: Answering, set: ImageSet): Answers {
  const { config } = checkpoint;
  const kernels = instantiateKernels();
  const arena = createArena(kernels);
  const shape = layOut(config);
  const engine = createEngine(kernels, arena, config, GROUP);
  const painter = createPainter(kernels, arena, config, engine);
  arena.floats(engine.parameters, shape.words).set(checkpoint.average);
  arena.floats(engine.statistics, shape.statisticsWords).set(checkpoint.statistics);
  engine.prepare();
  const size = imageBytes(set);
  let loss = 0;
  let correct = 0;
  for (let first = 0; first < set.count; first += GROUP) {
    const live = Math.min(GROUP, set.count - first);
    for (let lane = 0; lane < live; lane++) {
      painter.copy(set.images.subarray((first + lane) * size, (first + lane + 1) * size), lane);
    }
    painter.place();
    arena.bytes(engine.labels, GROUP).set(set.labels.subarray(first, first + live));
    engine.forward(true);
    const result = engine.loss(live, 0, 0);
    loss += result.loss;
    correct += result.correct;
  }
  return { loss: loss / set.count, accuracy: correct / set.count };
}
