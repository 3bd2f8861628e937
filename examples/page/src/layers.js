// A model's operations and what they make of one digit, as titled pictures.
import { drawValues, magnitudes, mosaic, relative } from "./pictures.js";

/** Words in a row of the picture of a vector. */
const VECTOR_WIDTH = 32;

/**
 * Fills an element with the pictures of a run.
 *
 * @param {import("circulant").Model} model
 * @param {readonly import("circulant").OperationTrace[]} traces of the model's operations, in order
 */
export function showLayers(element, model, traces) {
  const shapes = shapesOf(model);
  element.replaceChildren(
    ...model.operations.flatMap((operation, i) => {
      if (operation.op === "flatten") return [];
      return [articleOf(operation, traces[i], shapes[i + 1])];
    }),
  );
}

/** The shape of every tensor: operation i reads earlier ones and writes tensor i + 1. */
function shapesOf({ input, operations }) {
  const shapes = [input.shape];
  for (const operation of operations) shapes.push(shapeOf(operation, shapes[operation.inputs[0]]));
  return shapes;
}

function shapeOf(operation, from) {
  if (operation.op === "dense") return [1, 1, operation.out];
  if (operation.op === "flatten") return [1, 1, operation.words];
  if (operation.op === "add") return from;
  const { height, width, kernel, stride, pad } = operation;
  const side = (length, window) => Math.floor((length + 2 * pad - window) / stride) + 1;
  return [side(height, kernel[0]), side(width, kernel[1]), operation.op === "conv2d" ? operation.out : from[2]];
}

function articleOf(operation, trace, shape) {
  const article = document.createElement("article");
  const title = document.createElement("h3");
  title.textContent = describe(operation);
  article.append(title);
  if (trace.spectra && operation.k > 1) {
    const blocks = Math.ceil(operation.in / operation.k);
    const picture = magnitudes(trace.spectra, blocks, operation.k);
    const [down, across] = picture.isWide ? ["frequencies", "blocks"] : ["blocks", "frequencies"];
    const rows = picture.values.length / picture.width;
    article.append(
      figureOf("spectra of the inputs", picture, `${rows} ${down} down, ${picture.width} ${across} across`),
    );
  }
  const isVector = shape[0] === 1 && shape[1] === 1;
  const width = Math.min(VECTOR_WIDTH, trace.outputs.length);
  const picture = isVector ? { values: relative(trace.outputs), width } : mosaic(trace.outputs, shape);
  const active = trace.outputs.filter((word) => word > 0).length;
  const size = isVector ? "" : `${shape.join(" x ")}, `;
  article.append(figureOf("outputs", picture, `${size}${active} of ${trace.outputs.length} words above zero`));
  return article;
}

function describe(operation) {
  if (operation.op === "dense" || operation.op === "conv2d") {
    const blocks = operation.k > 1 ? `, blocks of ${operation.k}` : ", no blocks";
    return `${operation.name}: ${operation.in} to ${operation.out}${blocks}`;
  }
  return operation.name;
}

function figureOf(name, { values, width }, words) {
  const figure = document.createElement("figure");
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${name}: ${words}`);
  drawValues(canvas, values, width);
  const caption = document.createElement("figcaption");
  caption.textContent = `${name}: ${words}`;
  figure.append(canvas, caption);
  return figure;
}
