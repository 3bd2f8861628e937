import { compareTensors, describeDifference, type TensorCount } from "../../src/conform/compare.ts";
import { conform } from "../../src/conform/conform.ts";
import { REFERENCE } from "../../src/conform/realisation.ts";
import { type TracedTensor, traceReference, traceRtl } from "../../src/conform/trace.ts";
import { type Tracer, verify } from "../../src/conform/verify.ts";
import { MismatchError } from "../../src/errors.ts";
import { irfft, rfft } from "../../src/fft/transform.ts";
import type { ModelOperation } from "../../src/model/model.ts";
import { networkProgram, singleProgram } from "../../src/rtl/program.ts";
import { decodeCycles, decodeTrace, TRACE_CHANNELS } from "../../src/rtl/trace.ts";
import type { CheckedNetwork, CheckerData } from "./checker-data.ts";
import { expectedTensors } from "./expected-tensors.ts";

/** Thrown by a check of the checker that fails. */
class Wrong extends Error {}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Wrong(what);
}

const equal = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
const flipped = (tensor: TracedTensor, at: number): TracedTensor => {
  return { ...tensor, words: tensor.words.map((word, i) => (i === at ? word ^ 1 : word)) };
};
const nameOf = ({ operation, tensor, stage }: TracedTensor) => `${operation} ${tensor} ${stage}`;

/**
 * Plants faults, one wrong bit each, in right tensors, streams and trace rows, and holds the comparison to naming each.
 * Nothing that it calls is believed: places and counts are worked out here.
 *
 * @returns what the comparison did wrong, or nothing
 */
export async function wrongOfChecker(data: CheckerData): Promise<string | undefined> {
  try {
    const [every] = data.networks;
    for (const network of data.networks) listTensors(network);
    plantInTensors(every);
    await plantInNetwork(every);
    await plantInVectors(data);
    for (const network of data.networks) {
      plantInRows(network);
      readCycles(network);
    }
    readTransforms(data);
    listChannels(every);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Every tensor there is, in order, with its words and the size of its blocks. */
function listTensors({ model, x }: CheckedNetwork): void {
  for (const withStages of [true, false]) {
    const expected = expectedTensors(model.operations, x, withStages);
    const actual = traceReference(model.operations, x, withStages);
    must(
      equal(
        actual.map(nameOf),
        expected.map(({ name }) => name),
      ),
      "not the tensors in their order",
    );
    for (const [i, { k, words, name }] of expected.entries()) {
      must(actual[i].k === k && equal([...actual[i].words], words), `${name} is not the reference's`);
    }
  }
}

/** First, last and a middle word of every tensor: each is found, counted, and named. */
function plantInTensors({ model, x }: CheckedNetwork): void {
  const right = traceReference(model.operations, x, true);
  must(new Set(right.map(nameOf)).size === right.length, "a tensor is traced twice");
  const clean = new Map<string, TensorCount>();
  must(compareTensors(3, right, right, clean) === undefined, "right tensors differ");
  must(
    equal(
      [...clean.values()].map(({ words }) => words),
      right.map(({ words }) => words.length),
    ),
    "words not counted",
  );
  must(
    [...clean.values()].every(({ differing }) => differing === 0),
    "right words counted as wrong",
  );
  const counted = [...clean.values()].map(({ operation, tensor, stage }) => `${operation} ${tensor} ${stage}`);
  must(equal(counted, right.map(nameOf)), "counts without the names of their tensors");
  for (const [number, tensor] of right.entries()) {
    const { length } = tensor.words;
    for (const at of new Set([0, 1, Math.floor(length / 2), length - 2, length - 1])) {
      if (at < 0 || at >= length) continue;
      const spoiled = right.map((it, i) => (i === number ? flipped(it, at) : it));
      const counts = new Map<string, TensorCount>();
      const found = compareTensors(3, right, spoiled, counts);
      const { operation, tensor: name, stage, k } = tensor;
      const place = { vector: 3, operation, tensor: name, stage, block: (at - (at % k)) / k, index: at % k };
      const words = { expected: tensor.words[at], actual: tensor.words[at] ^ 1 };
      must(equal(found, { ...place, ...words }), `a fault in ${nameOf(tensor)} at ${at} is not named`);
      const differing = [...counts.values()].map((count) => count.differing);
      must(
        equal(
          differing,
          right.map((_, i) => (i === number ? 1 : 0)),
        ),
        `${nameOf(tensor)}: not counted`,
      );
      const sentence = describeDifference({ ...place, ...words }, "rtl");
      const parts = [
        "vector 3",
        `operation ${operation}`,
        name,
        `block ${place.block}`,
        ...(stage > 0 ? [`stage ${stage}`] : []),
        `index ${place.index}`,
      ];
      must(sentence === `${parts.join(", ")}: reference ${words.expected}, rtl ${words.actual}`, "not described");
    }
    const two = right.map((it, i) => (i >= number ? flipped(flipped(it, it.words.length - 1), 0) : it));
    const counts = new Map<string, TensorCount>();
    const found = compareTensors(0, right, two, counts);
    must(
      found?.operation === tensor.operation && found.tensor === tensor.tensor && found.stage === tensor.stage,
      "not the first",
    );
    must(found?.block === 0 && found.index === 0, "not the first word");
    compareTensors(1, right, two, counts);
    const total = [...counts.values()].reduce((sum, count) => sum + count.differing, 0);
    const expected = 2 * two.slice(number).reduce((sum, { words }) => sum + (words.length > 1 ? 2 : 0), 0);
    must(total === expected, "vectors are not summed");
    refuses(
      () => compareTensors(0, right, [{ ...tensor, words: tensor.words.slice(1) }], new Map()),
      tensor,
      tensor.words.length,
    );
    refuses(
      () => compareTensors(0, right, [{ ...tensor, operation: 99 }], new Map()),
      { ...tensor, operation: 99 },
      "no such tensor",
    );
  }
}

function refuses(action: () => unknown, { operation, tensor }: TracedTensor, expected: number | string): void {
  try {
    action();
  } catch (error) {
    must(error instanceof MismatchError, "another error than MismatchError");
    const { fields, message } = error as MismatchError;
    must(
      fields.operation === operation && fields.tensor === tensor && fields.expected === expected,
      "fields of the error",
    );
    const isMeant = message.startsWith(`operation ${operation}, ${tensor}: expected ${expected} words, got `);
    must(isMeant && message.endsWith(String(fields.actual)), "message of the error");
    return;
  }
  throw new Wrong(`${tensor} of other words is not refused`);
}

/** A realisation that is right but for one word of one vector: `verify` says which, also where it must ask for stages. */
async function plantInNetwork({ model, x }: CheckedNetwork): Promise<void> {
  const inputs = [x, x.map((word) => word >> 1), x.map((word) => -(word >> 2))];
  const stages = (input: Int16Array) => traceReference(model.operations, input, true);
  const right = (input: Int16Array) => traceReference(model.operations, input, false);
  const tracer = (
    spoil: (tensors: TracedTensor[], vector: number) => TracedTensor[],
    refine?: Tracer["refine"],
  ): Tracer => {
    let vector = 0;
    const trace = async (input: Int16Array) => ({
      tensors: spoil(refine ? right(input) : stages(input), vector++),
      cycles: 100 + vector,
    });
    return { name: "planted", trace, ...(refine ? { refine } : {}), dispose() {} };
  };
  let told = 0;
  const clean = await verify(
    model.operations,
    inputs,
    tracer((it) => it),
    (done) => {
      told += done;
    },
  );
  const words = 3 * stages(x).reduce((sum, tensor) => sum + tensor.words.length, 0);
  must(clean.differing === 0 && clean.first === undefined && clean.vectors === 3, "right vectors differ");
  must(clean.words === words && told === 6 && clean.name === "planted", "vectors not counted");
  must(equal(clean.cycles, [101, 102, 103]), "cycles not kept");
  const untimed = { ...tracer((it) => it), trace: async (input: Int16Array) => ({ tensors: stages(input) }) };
  must(equal((await verify(model.operations, inputs, untimed)).cycles, []), "cycles of one that has none");
  for (const [number, tensor] of stages(x).entries()) {
    const spoil = (tensors: TracedTensor[], vector: number) =>
      tensors.map((it, i) => (vector > 0 && i === number ? flipped(it, 0) : it));
    const { first, differing, tensors } = await verify(model.operations, inputs, tracer(spoil));
    must(differing === 2 && tensors[number].differing === 2, "differing words not summed");
    must(
      first?.vector === 1 && first.operation === tensor.operation && first.stage === tensor.stage,
      "first vector not named",
    );
  }
  for (const [number, tensor] of right(x).entries()) {
    const isTransform = tensor.tensor === "spectra" || tensor.tensor === "transforms";
    const spoil = (tensors: TracedTensor[]) =>
      tensors.map((it, i) => (i === number ? flipped(it, 1 % it.words.length) : it));
    let asked = 0;
    const refine: Tracer["refine"] = async (input, operation, name) => {
      asked++;
      must(input === inputs[0] && operation === tensor.operation && name === tensor.tensor, "asked for other stages");
      const them = stages(input).filter((it) => it.operation === operation && it.tensor === name);
      return them.map((it, i) => (i === 1 % them.length ? flipped(it, it.words.length - 1) : it));
    };
    const locate: Tracer["locate"] = async (input, difference) => {
      must(input === inputs[0] && difference.operation === tensor.operation, "asked for another cycle");
      return 4711;
    };
    const { first, firstCycle } = await verify(model.operations, inputs, { ...tracer(spoil, refine), locate });
    must(firstCycle === 4711, "the cycle is lost");
    const own = stages(x).filter((it) => it.operation === tensor.operation && it.tensor === tensor.tensor);
    const stage = isTransform ? own[1 % own.length].stage : tensor.stage;
    must(asked === (isTransform ? 1 : 0), "stages asked for where there are none, or not asked for");
    must(first?.stage === stage && first.tensor === tensor.tensor && first.vector === 0, "wrong stage");
    const silent = await verify(
      model.operations,
      inputs,
      tracer(spoil, async () => []),
    );
    must(
      silent.first?.stage === tensor.stage && silent.first.index === (1 % tensor.words.length) % tensor.k,
      "place lost",
    );
  }
}

/** One wrong word, one too few and one too many of a vector's result. */
async function plantInVectors({ vectors }: CheckerData): Promise<void> {
  const results = async (list: typeof vectors) => {
    const found = [];
    for await (const result of conform(REFERENCE, list)) found.push(result);
    return found;
  };
  const clean = await results(vectors);
  must(
    clean.length === vectors.length && clean.every(({ difference }) => difference === undefined),
    "right vectors fail",
  );
  must(
    clean.every(({ vector, realisation }, i) => vector === vectors[i] && realisation === "reference"),
    "vectors lost",
  );
  for (const vector of vectors) {
    const { length } = vector.y;
    for (const at of [0, length - 1]) {
      const y = vector.y.map((word, i) => (i === at ? word ^ 4 : word));
      const [{ difference }] = await results([{ ...vector, y }]);
      must(
        equal(difference, { index: at, expected: y[at], actual: vector.y[at] }),
        `word ${at} of a vector is not named`,
      );
    }
    const [short] = await results([{ ...vector, y: vector.y.slice(0, -1) }]);
    must(short.difference?.index === length - 1 && short.difference.expected === undefined, "a word too many passes");
    const [long] = await results([{ ...vector, y: Int16Array.from([...vector.y, 0]) }]);
    must(long.difference?.index === length && long.difference.actual === undefined, "a word too few passes");
  }
}

/** Rows of the simulated engine become the reference's tensors; a wrong bit in a row, one wrong word of one tensor. */
function plantInRows({ model, x, tables }: CheckedNetwork): void {
  const program = networkProgram(model);
  const expected = traceReference(model.operations, x, true);
  const decode = (rows: CheckedNetwork["tables"]) => traceRtl(model.operations, decodeTrace(program, rows, x));
  const actual = decode(tables);
  must(equal(actual.map(nameOf).sort(), expected.map(nameOf).sort()), "tensors are missing");
  const byName = new Map(expected.map((tensor) => [nameOf(tensor), tensor]));
  for (const tensor of actual) {
    const reference = byName.get(nameOf(tensor));
    must(
      tensor.k === reference?.k && equal([...tensor.words], [...(reference?.words ?? [])]),
      `${nameOf(tensor)} is decoded wrong`,
    );
  }
  for (const [channel, table] of Object.entries(tables)) {
    for (const [port, column] of Object.entries(table.ports)) {
      if (!/data|acc/.test(port)) continue;
      for (const row of endsOfOperations(table)) {
        if (isNotKept(model.operations[Number(table.ports.trace_layer_o[row])], port)) continue;
        const spoiled = Int32Array.from(column as Int32Array, (word, i) => (i === row ? word ^ 1 : word));
        const rows = { ...tables, [channel]: { ...table, ports: { ...table.ports, [port]: spoiled } } };
        const differing = decode(rows).filter((tensor, i) => !equal([...tensor.words], [...actual[i].words]));
        const isSeen = differing.length > 0 || isPaddingOnly(channel, port, table, row);
        must(isSeen, `a wrong bit of ${port}, row ${row}, is not seen`);
      }
    }
  }
}

/** Bare transforms: spectra or transforms, outputs, and the words after each stage. */
function readTransforms({ transforms }: CheckerData): void {
  for (const { operation, x, tables } of transforms) {
    const { op, k, schedule } = operation;
    const name = `${op} of ${k}`;
    const [trace] = decodeTrace(singleProgram(operation), tables, x);
    const stages = new Map<number, number[]>();
    const outputs = [0, 1, 2].flatMap((block) => {
      const keep = (stage: number, after: Int16Array) => {
        stages.set(stage, [...(stages.get(stage) ?? []), ...after]);
      };
      const words = x.slice(block * k, block * k + k);
      return [...(op === "rfft" ? rfft(words, schedule, keep) : irfft(words, schedule, keep))];
    });
    must(equal([...trace.outputs], outputs), `outputs of ${name}`);
    const log2K = Math.log2(k);
    if (op === "rfft") {
      must(equal([...(trace.spectra ?? [])], outputs) && trace.transforms === undefined, `spectra of ${name}`);
      must(trace.inverseStages.length === 0 && trace.accumulators === undefined, `stages of ${name}`);
      const forward = k === 1 ? [outputs] : Array.from({ length: log2K }, (_, i) => stages.get(i + 1));
      must(
        equal(
          trace.forwardStages.map((words) => [...words]),
          forward,
        ),
        `stages of ${name}`,
      );
    } else {
      must(equal([...(trace.transforms ?? [])], outputs) && trace.spectra === undefined, `transforms of ${name}`);
      must(trace.forwardStages.length === 0 && trace.accumulators === undefined, `stages of ${name}`);
      const inverse = Array.from({ length: Math.max(0, log2K - 1) }, (_, i) => stages.get(log2K - i));
      must(
        equal(
          trace.inverseStages.map((words) => [...words]),
          inverse,
        ),
        `stages of ${name}`,
      );
    }
  }
}

/** The channels that the bench is asked for are those whose rows came. */
function listChannels({ tables }: CheckedNetwork): void {
  const asked = TRACE_CHANNELS.map(({ name, ports }) => [name, [...ports].sort()]);
  const came = Object.entries(tables).map(([name, { ports }]) => [name, Object.keys(ports).sort()]);
  must(equal(asked, came), "other channels than the bench has");
  const enables = TRACE_CHANNELS.map(({ name, enable }) => [name, enable]);
  must(
    equal(
      enables,
      Object.keys(tables).map((name) => [name, `trace_${name}_o`]),
    ),
    "channels enabled by others",
  );
}

/** The cycle of each word: with the rows of one cycle moved far away, exactly its words have the other cycle. */
function readCycles({ model, x, tables }: CheckedNetwork): void {
  const program = networkProgram(model);
  const cyclesOf = (rows: CheckedNetwork["tables"]) => {
    const { low, high, bits } = decodeCycles(program, rows, x);
    must(bits === 15, "bits of a cycle");
    const parts = [low, high].map((traces) => traceRtl(model.operations, traces));
    const isWord = ({ tensor }: TracedTensor) => tensor !== "accumulators";
    must(
      parts
        .flat()
        .filter(isWord)
        .every(({ words }) => words.every((word) => word >= 0)),
      "a part of a cycle has more than 15 bits",
    );
    return parts[0].map((tensor, i) =>
      Array.from(tensor.words, (word, at) => (parts[1][i].words[at] & 32767) * 32768 + (word & 32767)),
    );
  };
  const right = cyclesOf(tables);
  const all = new Set(Object.values(tables).flatMap(({ cycles }) => [...cycles]));
  for (const cycles of right)
    for (const cycle of cycles) must(cycle === 0 || all.has(cycle), `${cycle} is no cycle of a row`);
  const product = tables.product.cycles;
  for (const far of [100_000, 40_000_000]) {
    const moved = { ...tables, product: { ...tables.product, cycles: product.map((cycle) => cycle + far) } };
    const after = cyclesOf(moved);
    const shown = traceRtl(model.operations, decodeTrace(program, tables, x));
    for (const [i, { tensor, operation }] of shown.entries()) {
      const isProduct = (tensor === "accumulators" || tensor === "products") && "k" in model.operations[operation];
      must(
        equal(
          after[i],
          right[i].map((cycle) => (isProduct ? cycle + far : cycle)),
        ),
        `cycles of ${nameOf(shown[i])}`,
      );
      if (isProduct)
        must(
          right[i].every((cycle) => product.includes(cycle)),
          `cycles of ${nameOf(shown[i])} are another unit's`,
        );
    }
  }
}

/** The first and the last row of each operation. */
function endsOfOperations({ ports }: CheckedNetwork["tables"][string]): readonly number[] {
  const layers = Array.from(ports.trace_layer_o, Number);
  return layers.flatMap((layer, row) => (layer !== layers[row - 1] || layer !== layers[row + 1] ? [row] : []));
}

/** What a row shows that is no word of a tensor: sums of a pool, imaginary parts of real words. */
function isNotKept(operation: ModelOperation, port: string): boolean {
  if (port.startsWith("trace_slide")) return operation.op !== "depthwise";
  return port === "trace_product_acc_im_o" && "k" in operation && operation.k === 1;
}

/** Data of a word that is not written, as those past the end of a row. */
function isPaddingOnly(channel: string, port: string, table: CheckedNetwork["tables"][string], row: number): boolean {
  const side = channel.slice(-1);
  return port === `trace_finish_data_${side}_o` && Number(table.ports[`trace_finish_write_${side}_o`]?.[row]) === 0;
}
