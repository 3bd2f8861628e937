import { binaryOf } from "../peers/markdown.mjs";
import { drawBorder } from "./border.mjs";
import { drawCold } from "./cold.mjs";
import { drawLayers } from "./layers.mjs";
import { drawBatches, drawBlocks, drawSides, drawThreads } from "./scaling.mjs";
import { drawTraining } from "./training.mjs";
import { drawTransforms } from "./transforms.mjs";

/** Draws every plot that the runs have the figures for, from the last run that has them: the newest Node. */
export async function drawAll(folder, runs) {
  const last = (part) => runs.findLast((run) => run[part]);
  const plots = [
    ["layers", last("layers"), (file, run) => drawLayers(file, run, binaryOf(run))],
    ["transforms", last("transforms"), drawTransforms],
    ["cold", last("cold"), drawCold],
    ["sides", last("scaling"), drawSides],
    ["blocks", last("scaling"), drawBlocks],
    ["batches", last("scaling"), drawBatches],
    ["border", last("scaling"), drawBorder],
    ["threads", runs.findLast((run) => run.scaling?.threads.times), drawThreads],
    ["training", last("training"), drawTraining],
  ];
  for (const [name, run, drawPlot] of plots) if (run) await drawPlot(`${folder}${name}.svg`, run);
}
