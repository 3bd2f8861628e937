// For the contract suite only, a binary of its own: every primitive that the kernels are made of, scalar and in lanes, over
// arrays.
import { add, half, interpolate, mulr, requant, rshr, sat, sub } from "../src/fixed/arithmetic";
import { addx8, clipx8, halfx8, mulrTwiddlex8, mulrx8, requantx8, rshrx4, subx8 } from "./kernels/lanes";

/** Scalar primitive `operation` over `count` int32 operands, int32 results. Numbers as in test/contract. */
export function probeScalar(operation: i32, a: usize, b: usize, c: usize, result: usize, count: i32): void {
  const end = a + (<usize>count << 2);
  for (; a < end; a += 4, b += 4, c += 4, result += 4) {
    store<i32>(result, scalar(operation, load<i32>(a), load<i32>(b), load<i32>(c)));
  }
}

function scalar(operation: i32, a: i32, b: i32, c: i32): i32 {
  switch (operation) {
    case 0: return sat(a);
    case 1: return add(a, b);
    case 2: return sub(a, b);
    case 3: return half(a);
    case 4: return rshr(a, b);
    case 5: return mulr(a, b);
    case 6: return requant(a, b);
    case 7: return interpolate(a, b, c);
    default: return unreachable();
  }
}

/** Eight-lane primitive `operation` over `count` v128 of int16 operands. */
export function probeLanes(operation: i32, a: usize, b: usize, c: usize, result: usize, count: i32): void {
  const end = a + (<usize>count << 4);
  for (; a < end; a += 16, b += 16, c += 16, result += 16) {
    v128.store(result, lanes(operation, v128.load(a), v128.load(b), v128.load(c)));
  }
}

function lanes(operation: i32, a: v128, b: v128, c: v128): v128 {
  switch (operation) {
    case 0: return addx8(a, b);
    case 1: return subx8(a, b);
    case 2: return mulrx8(a, b);
    case 3: return halfx8(a);
    case 4: return clipx8(a, b, c);
    case 5: return mulrTwiddlex8(a, b);
    default: return unreachable();
  }
}

/** rshrx4 of `count` v128 of int32. */
export function probeRshr(acc: usize, shift: i32, result: usize, count: i32): void {
  const end = acc + (<usize>count << 4);
  for (; acc < end; acc += 16, result += 16) v128.store(result, rshrx4(v128.load(acc), shift));
}

/** requantx8 of 2 * `count` v128 of int32 to `count` v128 of int16. */
export function probeRequant(acc: usize, shift: i32, result: usize, count: i32): void {
  const end = result + (<usize>count << 4);
  for (; result < end; acc += 32, result += 16) {
    v128.store(result, requantx8(v128.load(acc), v128.load(acc, 16), shift));
  }
}

/**
 * Compares mulrx8 with mulr for a = first .. last and every b, -32768 .. 32767.
 *
 * @returns the number of products that differ
 */
export function countMulrDifferences(first: i32, last: i32): i32 {
  let differences = 0;
  const ramp = i16x8(0, 1, 2, 3, 4, 5, 6, 7);
  for (let a = first; a <= last; a++) {
    for (let b = -32768; b <= 32767; b += 8) {
      const expected = i16x8(
        <i16>mulr(a, b), <i16>mulr(a, b + 1), <i16>mulr(a, b + 2), <i16>mulr(a, b + 3),
        <i16>mulr(a, b + 4), <i16>mulr(a, b + 5), <i16>mulr(a, b + 6), <i16>mulr(a, b + 7),
      );
      const actual = mulrx8(i16x8.splat(<i16>a), i16x8.add(i16x8.splat(<i16>b), ramp));
      differences += popcnt(i16x8.bitmask(i16x8.ne(actual, expected)));
    }
  }
  return differences;
}

/** The first byte that the caller may use. */
export const HEAP: usize = __heap_base;
