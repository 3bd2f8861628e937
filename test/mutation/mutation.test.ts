import binaryen from "binaryen";
import { beforeAll, describe, expect, it } from "vitest";
import { elaborateNetlist } from "../../src/rtl/simulate/yosys.ts";
import { FAULT_CLASSES } from "./fault-classes.ts";
import { executioner, type NetlistMutant, netlistMutants } from "./netlist-mutants.ts";
import { NETLIST_OPERATORS } from "./netlist-operators.ts";
import { explanations } from "./report.ts";
import { compileMutant, type Elaborated, killerOf, readElaborated } from "./target.ts";
import { TARGETS } from "./targets.ts";

const SEED = 20261125;
/** Mutants of a class that are tried here; `npm run mutate` tries all. */
const TRIED = 3;

const operatorsMet = new Set<string>();

describe.each(TARGETS)("the short contract of the target $name", ({ name, make }) => {
  const target = make();
  let elaborated: Elaborated;
  let mutants: readonly NetlistMutant[];
  beforeAll(async () => {
    const { sources, top, parameters } = target.design;
    elaborated = readElaborated(await elaborateNetlist(sources, top, parameters), SEED);
    mutants = netlistMutants(elaborated, target);
    for (const { operator } of mutants) operatorsMet.add(operator.name);
  });

  it("is kept by the design, whatever its registers hold before the reset", async () => {
    expect(await killerOf(compileMutant(elaborated.netlist, target.design, binaryen), target)).toBeUndefined();
  });

  it.skipIf(name === "pipeline-axi")("is put to faults of every class", () => {
    const met = new Set(mutants.map(({ faultClass }) => faultClass));
    expect(FAULT_CLASSES.filter((it) => !met.has(it))).toEqual([]);
  });

  it("is broken by faults of every class that there is", async () => {
    const execute = executioner(elaborated, target, binaryen);
    const explained = explanations(name);
    for (const faultClass of new Set(mutants.map((mutant) => mutant.faultClass))) {
      const verdicts: string[] = [];
      const all = mutants.filter((mutant) => mutant.faultClass === faultClass && !explained(mutant.id));
      for (let i = 0; verdicts.length < TRIED && i < all.length; i += Math.ceil(all.length / 12)) {
        const { verdict } = await execute(all[i]);
        if (verdict !== "stillborn" && verdict !== "same") verdicts.push(verdict);
      }
      expect(verdicts, faultClass).toContain("killed");
    }
  });
});

it("the targets meet every operator", () => {
  expect(NETLIST_OPERATORS.map(({ name }) => name).filter((name) => !operatorsMet.has(name))).toEqual([]);
});
