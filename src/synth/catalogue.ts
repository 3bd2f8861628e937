import { OptionError } from "../errors.ts";
import { stageTwiddles } from "../rtl/pipeline/order.ts";
import { pipelineSources } from "../rtl/pipeline/sources.ts";
import type { VerilogSource } from "../rtl/sources.ts";
import { createRandom } from "./random.ts";
import type { SynthesisDesign } from "./synthesise.ts";

type Numbers = Readonly<Record<string, number>>;

interface Image {
  /** Parameter that takes its file. */
  readonly parameter: string;
  readonly width: number;
  readonly log2Words: (parameters: Numbers) => number;
}

/** A module that is synthesised on its own: the parameters it is counted with, and the images of its memories. */
interface CataloguedModule {
  readonly parameters?: Numbers;
  readonly images?: readonly Image[];
  /** Takes twiddles by stage, as the streaming engine does. */
  readonly stages?: boolean;
}

const TABLES: Image = { parameter: "TABLE_IMAGE", width: 16, log2Words: ({ TABLE_WIDTH }) => TABLE_WIDTH + 9 };
const BIASES: Image = { parameter: "BIAS_IMAGE", width: 16, log2Words: ({ BIAS_WIDTH }) => BIAS_WIDTH };
const TWIDDLES: Image = { parameter: "TWIDDLE_IMAGE", width: 16, log2Words: ({ LOG2_K_MAX }) => LOG2_K_MAX - 2 };

/** The modules of both engines, small enough to be looked at one by one. */
const MODULES: Readonly<Record<string, CataloguedModule>> = {
  add_sat: {},
  sub_sat: {},
  half_if: {},
  requant: {},
  align: {},
  modulo_3: {},
  widen: { parameters: { WORDS: 2, BITS: 9 } },
  mulr: {},
  bit_reverse: { parameters: { WIDTH: 10 } },
  bin_at_location: { parameters: { WIDTH: 10 } },
  butterfly: {},
  spectral_lane: {},
  activation: { parameters: { TABLE_WIDTH: 2 }, images: [TABLES] },
  memory: { parameters: { WIDTH: 16, ADDRESS_WIDTH: 10 } },
  fifo: { parameters: { WIDTH: 17, ADDRESS_WIDTH: 2 } },
  paired_memory: { parameters: { WIDTH: 32, ADDRESS_WIDTH: 10 } },
  ternary_memory: { parameters: { WIDTH: 16, ADDRESS_WIDTH: 12 } },
  location_walk: { parameters: { LOG2_K_MAX: 8 } },
  window_walk: {},
  receive: { parameters: { ADDRESS_WIDTH: 12 } },
  transmit: { parameters: { ADDRESS_WIDTH: 12 } },
  load: { parameters: { LOG2_K_MAX: 8, ACTIVATION_WIDTH: 12, SPECTRUM_WIDTH: 10 } },
  transform: { parameters: { LOG2_K_MAX: 8, SPECTRUM_WIDTH: 10 }, images: [TWIDDLES] },
  spectral_product: { parameters: { LANES: 4, LOG2_K_MAX: 8, SPECTRUM_WIDTH: 10, WEIGHT_WIDTH: 10 } },
  unload: { parameters: { LOG2_K_MAX: 8, SPECTRUM_WIDTH: 10 } },
  slide: { parameters: { LANES: 4, WEIGHT_WIDTH: 10 } },
  sum: {},
  finish: { parameters: { BIAS_WIDTH: 10, TABLE_WIDTH: 2 }, images: [BIASES, TABLES] },
  sequencer: { parameters: { LAYER_WIDTH: 5 } },
  product_lane: {},
  forward_butterfly: { parameters: { TRIVIAL: 0 } },
  inverse_butterfly: { parameters: { TRIVIAL: 0 } },
  twiddle_product: {},
  banked_memory: { parameters: { LOG2_WORDS: 3, ADDRESS_WIDTH: 12 } },
  row_memory: { parameters: { LOG2_PATHS: 1, ADDRESS_WIDTH: 9 } },
  limb_memory: { parameters: { LIMBS: 4, ADDRESS_WIDTH: 8, HALF_BITS: 16 } },
  delay_line: { parameters: { WIDTH: 32, DEPTH: 32 } },
  commutator: { parameters: { WIDTH: 32, DELAY: 4 } },
  forward_transform: { parameters: { LOG2_PATHS: 2, LOG2_K_MAX: 8 }, stages: true },
  inverse_transform: { parameters: { LOG2_PATHS: 2, LOG2_K_MAX: 8 }, stages: true },
};

/** Names of the modules that can be synthesised on their own. */
export const MODULE_NAMES: readonly string[] = Object.keys(MODULES);

/**
 * A module on its own, to synthesise. What its memories hold at first is random, but for the twiddles of the streaming
 * transforms.
 *
 * @param overrides parameters in place of those that it is counted with
 * @throws OptionError if there is no such module, or it has no such parameter
 */
export function moduleToSynthesise(
  name: string,
  overrides: Numbers = {},
  sources: readonly VerilogSource[] = pipelineSources(),
): SynthesisDesign {
  if (!Object.hasOwn(MODULES, name)) {
    throw new OptionError(`module: expected one of ${MODULE_NAMES.join(", ")}, got "${name}"`, { option: "module" });
  }
  const { parameters: known = {}, images = [], stages = false } = MODULES[name];
  for (const override of Object.keys(overrides)) {
    if (!Object.hasOwn(known, override)) {
      throw new OptionError(
        `parameters: expected ${Object.keys(known).join(", ") || "none"} for ${name}, got "${override}"`,
        { option: "parameters" },
      );
    }
  }
  const parameters = { ...known, ...overrides };
  const files = images.map(({ parameter, width, log2Words }) => ({
    parameter,
    name: `${parameter.toLowerCase()}.hex`,
    text: randomImage(width, 2 ** log2Words(parameters)),
  }));
  return {
    sources: [
      ...sources.filter((source) => !source.name.endsWith("_bench.v")),
      ...files.map(({ name: file, text }) => ({ name: file, text })),
      ...(stages ? twiddleFiles(parameters.LOG2_PATHS, parameters.LOG2_K_MAX) : []),
    ],
    top: name,
    parameters: {
      ...parameters,
      ...Object.fromEntries(files.map(({ parameter, name: file }) => [parameter, file])),
      ...(stages ? { TWIDDLE_IMAGE: TWIDDLE_FILES } : {}),
    },
  };
}

function randomImage(width: number, words: number): string {
  const random = createRandom(words);
  const digits = Math.ceil(width / 4);
  return Array.from({ length: words }, () => `${random().toString(16).padStart(8, "0").slice(-digits)}\n`).join("");
}

/** What the names of the files begin with. */
export const TWIDDLE_FILES = "twiddles";

/** The twiddles of each stage of the streaming transforms that has a memory of them. */
export function twiddleFiles(log2Paths: number, log2KMax: number): readonly VerilogSource[] {
  const files: VerilogSource[] = [];
  for (let stage = log2Paths + 2; stage <= log2KMax; stage++) {
    const limbs = stageTwiddles(stage, log2Paths);
    const perWord = 2 ** (log2Paths - 1);
    let text = "";
    for (let at = 0; at < limbs.length; at += perWord) {
      for (let limb = perWord - 1; limb >= 0; limb--) text += limbs[at + limb].toString(16).padStart(8, "0");
      text += "\n";
    }
    files.push({ name: `${TWIDDLE_FILES}_${String(stage).padStart(2, "0")}.hex`, text });
  }
  return files;
}
