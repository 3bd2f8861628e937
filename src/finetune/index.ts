/** Training on with the deployed integers in Node: checkpoint, its model and images in, a model out. */

export { type Finetuned, type FinetuneOptions, type FinetuneRecord, finetune } from "./finetune.ts";
export { type FinetuneSettings, finetuneRecipe } from "./recipe.ts";
