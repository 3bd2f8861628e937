// What the shipped binaries may consist of.
import binaryen from "binaryen";

/** Control, integers, memory and the SIMD of the first standard; floats only as inputs need them; no relaxed SIMD. */
const KERNELS = [
  /^(module|type|func|param|result|local|memory|data|global|export|mut|table|elem|start)$/,
  /^(block|loop|if|then|else|br|br_if|br_table|return|call|drop|select|unreachable|nop)$/,
  /^(local|global)\.(get|set|tee)$/,
  /^memory\.(fill|size|grow|copy)$/,
  /^i32\.(const|add|sub|mul|and|or|xor|shl|shr_s|shr_u|eqz|eq|ne|lt_s|lt_u|gt_s|gt_u|le_s|le_u|ge_s|ge_u|popcnt)$/,
  /^i32\.(load|load16_s|load16_u|load8_s|load8_u|store|store16|store8|extend16_s|extend8_s)$/,
  /^v128\.(load|store|const|and|or|xor|not|load16_splat|load32_splat|load64_splat|load16_lane|store16_lane|store32_lane|store64_lane)$/,
  /^i8x16\.shuffle$/,
  /^i16x8\.(splat|add|add_sat_s|sub_sat_s|q15mulr_sat_s|shr_s|min_s|max_s|narrow_i32x4_s|replace_lane|ne|bitmask|abs)$/,
  /^i32x4\.(splat|add|sub|mul|shr_s|dot_i16x8_s|extend_(low|high)_i16x8_[su]|extract_lane|trunc_sat_f32x4_s)$/,
  /^(f32\.const|f32x4\.(ne|splat|mul|sub|floor|ge|convert_i32x4_s)|v128\.any_true)$/,
];

/** The one relaxed instruction: exact wherever one operand is not -32768, and one operand of it is a twiddle. */
const RELAXED_PRODUCT = /^i16x8\.relaxed_q15mulr_s$/;

/** What each binary may hold. No list allows all but imports, and relaxed instructions, whose results engines may choose. */
const ALLOWED = {
  plain: KERNELS,
  relaxed: [...KERNELS, RELAXED_PRODUCT],
  training: undefined,
};

/**
 * The instructions of a binary that it must not hold.
 *
 * @param wasm its bytes
 * @param kind "plain" or "relaxed" kernels, or "training"
 */
export function forbiddenOpcodes(wasm, kind) {
  const allowed = ALLOWED[kind];
  const isForbidden = allowed
    ? (name) => !allowed.some((pattern) => pattern.test(name))
    : (name) => name === "import" || name.includes("relaxed");
  return [...opcodes(wasm)].filter(isForbidden);
}

function opcodes(wasm) {
  const module = binaryen.readBinary(wasm);
  module.setFeatures(binaryen.Features.All);
  const text = module.emitText().replace(/"[^"]*"/g, '""');
  module.dispose();
  return new Set(Array.from(text.matchAll(/\(([a-z][a-z0-9_.]*)/g), ([, name]) => name));
}
