import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FamilyName } from "../synth/family.ts";
import { type Blocks, withBlocks } from "./blocks.ts";
import type { DesignConfig } from "./config.ts";
import type { EngineChoice } from "./engine-choice.ts";
import type { Bits } from "./job.ts";

/** All that makes a point again, but the images: the content of `points/ID/point.json`. */
export interface PointRecipe {
  readonly circulant: "design point 1";
  readonly config: DesignConfig;
  /** SHA-256 of the training images and labels, and of the model file to come. */
  readonly data: string;
  readonly sha256: string;
  readonly blocks: Blocks;
  readonly bits: Bits;
  /** What the shape begins with: "start" or the name of a known model, and that one's SHA-256. */
  readonly source: string;
  readonly sourceSha256: string | null;
}

/** Where the files of a point lie, from the folder of the run. */
export function filesOfPoint(id: string) {
  const file = (name: string) => `points/${id}/${name}`;
  return {
    model: file("model.safetensors"),
    recipe: file("recipe.json"),
    point: file("point.json"),
    commands: file("commands.txt"),
  };
}

/** The command that makes a point's model again. */
export function rebuildCommand(id: string, data: string): string {
  return `circulant design points/${id}/point.json --rebuild --data ${data} --out model.safetensors`;
}

/** The commands that write a model's Verilog with an engine, and that synthesise it. */
function hardwareCommands(model: string, engine: EngineChoice, family: FamilyName): readonly string[] {
  if ("lanes" in engine) {
    return [
      `circulant emit ${model} --out verilog --lanes ${engine.lanes}`,
      `circulant synth ${model} --target ${family} --parameters LANES=${engine.lanes}`,
    ];
  }
  const { paths, blocks } = engine;
  const shape = `LOG2_PATHS=${Math.log2(paths)} BLOCKS=${blocks}`;
  return [
    `circulant emit ${model} --out verilog --engine pipeline --paths ${paths} --blocks ${blocks}`,
    `circulant synth ${model} --top circulant_pipeline --target ${family} --parameters ${shape}`,
  ];
}

/** Writes the files of a point into the folder of the run. */
export function writePoint(
  folder: string,
  { id, model, engine }: { readonly id: string; readonly model: Uint8Array; readonly engine: EngineChoice },
  recipe: PointRecipe,
  data: string,
): void {
  const files = filesOfPoint(id);
  mkdirSync(join(folder, "points", id), { recursive: true });
  const write = (file: string, content: string | Uint8Array) => writeFileSync(join(folder, file), content);
  write(files.model, model);
  write(files.point, `${JSON.stringify(recipe, null, 1)}\n`);
  write(files.recipe, `${JSON.stringify(withBlocks(recipe.config.recipe, recipe.blocks), null, 1)}\n`);
  const { family = "xc7" } = recipe.config.target.device ?? {};
  const lines = [rebuildCommand(id, data), ...hardwareCommands(files.model, engine, family)];
  write(files.commands, `${lines.join("\n")}\n`);
}
