// Forward transforms of real rows against libraries of transforms.
import { rfft } from "../../dist/fft/transform.js";
import { instantiate } from "../../dist/runtime/kernels.js";
import { STEP_WORDS, writeProgram } from "../../dist/runtime/program.js";
import { blocksFromTiles, tilesFromNatural } from "../../dist/runtime/tiles.js";
import { kernelModules, same } from "./circulant.mjs";
import { fftPeers } from "./fft-peers.mjs";
import { sequence } from "./random.mjs";
import { interleave, report } from "./rounds.mjs";
import { timesTable } from "./tables.mjs";

const SIZES = [16, 32, 64, 128, 256, 512, 1024];
/** Rows a call: four tiles of 8. */
const ROWS = 32;
const TILES = ROWS / 8;
const PEAK = 8000;

/** All sizes; rows of int16 words that are the same for all. */
export async function transforms({ scale, log }) {
  const results = [];
  const modules = kernelModules();
  for (const k of SIZES) {
    const words = Int16Array.from(sequence(4).reals(ROWS * k, PEAK));
    const { contenders: peers, skipped } = await fftPeers(words, k);
    for (const { name, call, spectrum, tolerance } of peers) {
      call();
      check(name, spectrum(), words.subarray(0, k), tolerance);
    }
    const own = Object.entries(modules).flatMap(([binary, module]) => ownTransforms(binary, module, words, k));
    const timed = await interleave([...own, ...peers], { budgetMs: 2000 * scale });
    const contenders = timed.map((one) => report(one, timed));
    results.push({ k, rows: ROWS, contenders, skipped });
    log(timesTable(`real transform, k = ${k}, ${ROWS} rows a call`, "ns a row", 1, contenders));
    for (const reason of skipped) log(`skipped: ${reason}\n`);
  }
  return results;
}

/**
 * Ours, every stage halved as 16 bits need for any input: `tiles` from words that stand in tiles, as they do between
 * the layers of a network; `rows` from rows, with the transposition.
 */
function ownTransforms(binary, module, words, k) {
  const stages = Math.log2(k);
  const schedule = k - 1;
  const expected = rowsOf(words, k).map((row) => rfft(row, schedule));
  const make = (name, takesRows) => {
    const kernels = instantiate(module);
    const natural = Math.ceil(kernels.heap / 64) * 64;
    const tile = natural + 2 * words.length;
    const program = tile + 2 * words.length;
    kernels.memory.grow(Math.ceil((program + 8 * STEP_WORDS - kernels.memory.buffer.byteLength) / 65536) + 1);
    const { buffer } = kernels.memory;
    const tiles = new Int16Array(buffer, tile, words.length);
    new Int16Array(buffer, natural, words.length).set(words);
    tilesFromNatural(words, stages, tiles);
    const place = { operation: "tileFromNatural", operands: { natural, tile, tiles: TILES, stages } };
    const transform = { operation: "rfft", operands: { tile, tiles: TILES, stages, schedule } };
    const steps = takesRows ? [place, transform] : [transform];
    writeProgram(steps, new Int32Array(buffer, program, STEP_WORDS * steps.length));
    const call = () => kernels.run(program, steps.length);
    call();
    const spectra = new Int16Array(words.length);
    blocksFromTiles(tiles, stages, spectra);
    for (const [i, row] of expected.entries()) same(name, spectra.subarray(i * k, (i + 1) * k), row);
    return { name, call, items: ROWS };
  };
  return [make(`circulant ${binary} tiles`, false), make(`circulant ${binary} rows`, true)];
}

const rowsOf = (words, k) => Array.from({ length: words.length / k }, (_, i) => words.subarray(i * k, (i + 1) * k));

/** Holds bins against the DFT by its definition. */
function check(name, spectrum, row, tolerance) {
  const k = row.length;
  let difference = 0;
  let power = 0;
  for (let bin = 0; bin <= k / 2; bin++) {
    let [re, im] = [0, 0];
    row.forEach((word, n) => {
      const angle = (2 * Math.PI * ((bin * n) % k)) / k;
      re += word * Math.cos(angle);
      im -= word * Math.sin(angle);
    });
    difference += (spectrum[bin][0] - re) ** 2 + (spectrum[bin][1] - im) ** 2;
    power += re ** 2 + im ** 2;
  }
  const error = Math.sqrt(difference / power);
  if (!(error <= tolerance))
    throw new Error(`${name}, k=${k}: expected an error of at most ${tolerance}, got ${error}`);
}
