import { describe, expect, it } from "vitest";
import { findOverlap, type GraphNode, type MemoryPlan, planMemory } from "../../src/model/memory.ts";
import { tensorTypes } from "../../src/model/program.ts";
import { volume } from "../../src/model/shape.ts";
import { random, randomModel } from "./random-model.ts";

interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly words: readonly number[];
}

/** Graphs of random models, and wilder ones: any operand, any size, flattens of flattens. */
function graphs(): Graph[] {
  const models = Array.from({ length: 150 }, (_, seed) => {
    const model = randomModel(seed + 1000);
    return { nodes: model.operations, words: tensorTypes(model).map(({ shape }) => volume(shape)) };
  });
  const next = random(31);
  const wild = Array.from({ length: 300 }, () => {
    const words = [1 + (next() % 40)];
    const nodes: GraphNode[] = [];
    const count = 1 + (next() % 14);
    for (let i = 0; i < count; i++) {
      const inputs = [next() % words.length, next() % words.length].slice(next() % 2);
      const isFlat = next() % 4 === 0;
      nodes.push(isFlat ? { op: "flatten", inputs: [inputs[0]] } : { op: "any", inputs });
      words.push(isFlat ? words[inputs[0]] : 1 + (next() % 60));
    }
    return { nodes, words };
  });
  return [...models, ...wild];
}

/**
 * Runs a graph in an arena whose words say which tensor wrote them: true if every operation, and the reader of the
 * output, finds its operands whole and writes on none of them. Knows nothing of lifetimes.
 */
function survives({ nodes, words }: Graph, { offsets }: Pick<MemoryPlan, "offsets">): boolean {
  const arena = new Map<number, number>();
  const placesOf = (tensor: number) => Array.from({ length: words[tensor] }, (_, i) => offsets[tensor] + i);
  const writers = [0];
  const isWhole = (tensor: number) => placesOf(tensor).every((place) => arena.get(place) === writers[tensor]);
  for (const place of placesOf(0)) arena.set(place, 0);
  for (const [i, { op, inputs }] of nodes.entries()) {
    if (!inputs.every(isWhole)) return false;
    writers.push(op === "flatten" ? writers[inputs[0]] : i + 1);
    if (op === "flatten") continue;
    const read = new Set(inputs.flatMap(placesOf));
    for (const place of placesOf(i + 1)) {
      if (read.has(place)) return false;
      arena.set(place, i + 1);
    }
  }
  return isWhole(nodes.length);
}

/** The largest sum of tensors that some operation needs at once: those it writes and reads, and what is read later. */
function largestNeed({ nodes, words }: Graph): number {
  const contents = [0];
  for (const [i, { op, inputs }] of nodes.entries()) contents.push(op === "flatten" ? contents[inputs[0]] : i + 1);
  const sums = nodes.map((_, now) => {
    const needed = new Set([contents[now + 1]]);
    for (const { inputs } of nodes.slice(now)) for (const input of inputs) needed.add(contents[input]);
    needed.add(contents[nodes.length]);
    return [...needed].filter((tensor) => tensor <= now + 1).reduce((sum, tensor) => sum + words[tensor], 0);
  });
  return Math.max(...sums);
}

const GRAPHS = graphs();

describe("the memory plan", () => {
  it("keeps every tensor whole until its last use, in 450 random graphs", () => {
    for (const graph of GRAPHS) {
      const plan = planMemory(graph.nodes, graph.words);
      expect(survives(graph, plan), JSON.stringify(graph)).toBe(true);
      expect(findOverlap(graph.nodes, graph.words, plan)).toBeUndefined();
    }
  });

  it("starts tensors at multiples of 8, inside the arena, and flattens where their input stands", () => {
    for (const { nodes, words } of GRAPHS) {
      const plan = planMemory(nodes, words);
      expect(plan.words % 8).toBe(0);
      expect(plan.offsets.length).toBe(words.length);
      for (const [tensor, offset] of plan.offsets.entries()) {
        expect(offset % 8).toBe(0);
        expect(offset + words[tensor]).toBeLessThanOrEqual(plan.words);
      }
      for (const [i, { op, inputs }] of nodes.entries()) {
        if (op === "flatten") expect(plan.offsets[i + 1]).toBe(plan.offsets[inputs[0]]);
      }
    }
  });

  it("takes no less than the tensors needed at once, no more than all side by side, and often the least", () => {
    let least = 0;
    for (const graph of GRAPHS) {
      const { words } = planMemory(graph.nodes, graph.words);
      const aligned = { ...graph, words: graph.words.map((count) => 8 * Math.ceil(count / 8)) };
      expect(words).toBeGreaterThanOrEqual(largestNeed(graph));
      expect(words).toBeGreaterThanOrEqual(largestNeed(aligned));
      expect(words).toBeLessThanOrEqual(aligned.words.reduce((sum, count) => sum + count, 0));
      if (words === largestNeed(aligned)) least++;
    }
    expect(least).toBeGreaterThan(GRAPHS.length / 2);
  });

  it("reuses the words of tensors that are read no more", () => {
    const nodes = [0, 1, 2, 3].map((input) => ({ op: "any", inputs: [input] }));
    expect(planMemory(nodes, [80, 16, 64, 40, 8]).words).toBe(104);
  });
});

describe("the check of a plan", () => {
  it("finds an overlap in just the plans in which a tensor does not survive", () => {
    const next = random(32);
    const found = [0, 0];
    for (const graph of GRAPHS) {
      const { words, offsets } = planMemory(graph.nodes, graph.words);
      for (let run = 0; run < 20; run++) {
        const moved = [...offsets];
        const tensor = next() % moved.length;
        moved[tensor] = 8 * (next() % Math.ceil((2 * words) / 8));
        for (const [i, { op, inputs }] of graph.nodes.entries()) if (op === "flatten") moved[i + 1] = moved[inputs[0]];
        const isWhole = survives(graph, { offsets: moved });
        const overlap = findOverlap(graph.nodes, graph.words, { words, offsets: moved });
        expect(overlap === undefined, JSON.stringify({ graph, moved })).toBe(isWhole);
        found[Number(isWhole)]++;
      }
    }
    expect(Math.min(...found)).toBeGreaterThan(1000);
  });

  it("names both tensors of an overlap of one word", () => {
    const nodes = [
      { op: "any", inputs: [0] },
      { op: "any", inputs: [0, 1] },
    ];
    expect(findOverlap(nodes, [9, 8, 8], { words: 32, offsets: [0, 8, 24] })).toEqual([0, 1]);
    expect(findOverlap(nodes, [8, 8, 8], { words: 32, offsets: [0, 8, 16] })).toBeUndefined();
    expect(findOverlap(nodes, [8, 8, 8], { words: 32, offsets: [0, 8, 8] })).toEqual([1, 2]);
  });
});
