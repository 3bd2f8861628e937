// The configurations that resources are measured on. Those of `fit` make the table; `held` ones only tell its error.

const lanes = (LANES, LOG2_K_MAX, widths = {}) => ({
  WEIGHT_BITS: 16,
  LOG2_K_MAX,
  LANES,
  ACTIVATION_WIDTH: 9,
  SPECTRUM_WIDTH: LOG2_K_MAX + 2,
  WEIGHT_WIDTH: 8,
  BIAS_WIDTH: 7,
  TABLE_WIDTH: 1,
  LAYER_WIDTH: 4,
  ...widths,
});

const paths = (LOG2_PATHS, BLOCKS, LOG2_K_MAX, shape = {}) => ({
  WEIGHT_BITS: 16,
  LOG2_PATHS,
  BLOCKS,
  LOG2_K_MAX,
  LOG2_STREAM: LOG2_PATHS,
  VECTOR: 0,
  TABLES: 0,
  INPUT_WIDTH: 8,
  ACTIVATION_WIDTH: 8,
  OUTPUT_WIDTH: 8,
  SPECTRUM_WIDTH: LOG2_K_MAX - LOG2_PATHS + 2,
  PRODUCT_WIDTH: LOG2_K_MAX - LOG2_PATHS + 3,
  WEIGHT_WIDTH: 6,
  BIAS_WIDTH: 5,
  LAYER_WIDTH: 3,
  ...shape,
});

const wide = {
  INPUT_WIDTH: 11,
  ACTIVATION_WIDTH: 12,
  OUTPUT_WIDTH: 10,
  WEIGHT_WIDTH: 9,
  BIAS_WIDTH: 8,
  LAYER_WIDTH: 4,
};

const small = (set, parameters) => ({ top: "circulant_engine", set, parameters });
const streaming = (set, parameters) => ({ top: "circulant_pipeline", set, parameters });

export const CONFIGURATIONS = [
  streaming("fit", paths(1, 1, 4)),
  small("fit", lanes(1, 4)),
  streaming("fit", paths(1, 2, 5, { VECTOR: 1 })),
  small("fit", lanes(2, 6, { ACTIVATION_WIDTH: 10, BIAS_WIDTH: 8 })),
  small("fit", lanes(4, 6)),
  streaming("held", paths(1, 2, 6)),
  small("held", lanes(2, 5)),
  streaming("fit", paths(2, 1, 5)),
  small("fit", lanes(2, 8, { ACTIVATION_WIDTH: 12, WEIGHT_WIDTH: 10, BIAS_WIDTH: 10, TABLE_WIDTH: 2 })),
  streaming("fit", paths(1, 4, 4, { ...wide, LOG2_STREAM: 0 })),
  small("fit", lanes(3, 5, { ACTIVATION_WIDTH: 11, LAYER_WIDTH: 5 })),
  streaming("fit", paths(1, 1, 7, { TABLES: 1, LOG2_STREAM: 2 })),
  small("held", lanes(5, 6, { ACTIVATION_WIDTH: 10 })),
  streaming("held", paths(1, 3, 5, { VECTOR: 2, ACTIVATION_WIDTH: 10 })),
  streaming("fit", paths(2, 2, 6, { VECTOR: 4, TABLES: 1 })),
  small("fit", lanes(8, 7, { WEIGHT_WIDTH: 9 })),
  streaming("held", paths(2, 2, 5, { ...wide })),
  small("held", lanes(3, 7, { ACTIVATION_WIDTH: 12, BIAS_WIDTH: 9 })),
  streaming("fit", paths(1, 4, 6, { VECTOR: 4 })),
  small("fit", lanes(6, 4, { ACTIVATION_WIDTH: 10, SPECTRUM_WIDTH: 10 })),
  streaming("held", paths(1, 4, 7, { VECTOR: 1, TABLES: 1 })),
  small("held", lanes(7, 5, { WEIGHT_WIDTH: 9 })),
  streaming("fit", paths(1, 3, 7, { ...wide, LOG2_STREAM: 2 })),
  streaming("held", paths(2, 3, 6, { VECTOR: 2 })),
  small("held", lanes(4, 8)),
  streaming("fit", paths(2, 4, 5, { ...wide, TABLES: 1 })),
  small("fit", lanes(1, 7, { ACTIVATION_WIDTH: 12, WEIGHT_WIDTH: 11 })),
  streaming("held", paths(2, 8, 6, { ...wide, VECTOR: 4, LOG2_STREAM: 3 })),
  // Beyond the fitted ones: 64 complex multipliers, eight paths.
  streaming("held", paths(2, 16, 6, { ...wide, LOG2_STREAM: 3 })),
  streaming("held", paths(3, 2, 7, { ...wide, VECTOR: 0, LOG2_STREAM: 3 })),
  // Weights of 9 bits.
  streaming("held", paths(1, 2, 5, { WEIGHT_BITS: 9, WEIGHT_WIDTH: 10 })),
  small("held", lanes(3, 6, { WEIGHT_BITS: 9, WEIGHT_WIDTH: 10 })),
];

/** "fit", "held", or "held" for an engine that is none of these. */
export function setOf({ top, parameters }) {
  return CONFIGURATIONS.find((it) => it.top === top && alike(it.parameters, parameters))?.set ?? "held";
}

/** Whether parameters are the same, in whatever order. */
export function alike(a, b) {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
