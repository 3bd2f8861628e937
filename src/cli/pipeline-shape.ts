import { type Command, Option } from "commander";
import { DEFAULT_SHAPE, type PipelineShape, widestStream } from "../rtl/pipeline/parameters.ts";
import { parseCount } from "./numbers.ts";

/** The options of the streaming engine's shape as commander gives them. */
export interface ShapeOptions {
  readonly paths: string;
  readonly blocks: number;
  readonly weightBits?: number;
}

/** Adds `--paths`, `--blocks` and `--weight-bits`. */
export function addShape(command: Command): Command {
  return command
    .addOption(new Option("--paths <n>", "locations a cycle of the pipeline").choices(["2", "4", "8"]).default("4"))
    .option("--blocks <n>", "output blocks at once of the pipeline", parseCount, DEFAULT_SHAPE.BLOCKS)
    .option("--weight-bits <n>", "bits of a weight in the engine's memory, 8 to 16", parseCount);
}

/** The options of one that is to be built: its streams, and the vectors that it interleaves. */
export interface StreamOptions extends ShapeOptions {
  readonly stream?: string;
  readonly slots: number;
}

/** Adds `--stream` and `--slots` to those of {@link addShape}. */
export function addStream(command: Command): Command {
  const widths = ["1", "2", "4", "8", "16"];
  return addShape(command)
    .addOption(
      new Option("--stream <n>", "words of a beat of the pipeline's streams (default: twice the paths)").choices(
        widths,
      ),
    )
    .option("--slots <n>", "vectors that the pipeline interleaves", parseCount, 4);
}

/** The shape that the options say; a stream that is not asked for is the widest. */
export function shapeOf(options: ShapeOptions & { readonly stream?: string }): PipelineShape {
  const { paths, blocks, stream, weightBits } = options;
  const LOG2_PATHS = Math.log2(Number(paths));
  const LOG2_STREAM = stream === undefined ? widestStream(LOG2_PATHS) : Math.log2(Number(stream));
  return { LOG2_PATHS, BLOCKS: blocks, LOG2_STREAM, WEIGHT_BITS: weightBits };
}
