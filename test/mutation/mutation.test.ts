import binaryen from "binaryen";
import { beforeAll, describe, expect, it } from "vitest";
import { elaborateNetlist } from "../../src/rtl/simulate/yosys.ts";
import { engineTarget } from "./engine.ts";
import { executioner, netlistMutants } from "./netlist-mutants.ts";
import { NETLIST_OPERATORS } from "./netlist-operators.ts";
import { compileMutant, type Elaborated, killerOf, readElaborated } from "./target.ts";

const SEED = 20261125;
const target = engineTarget();
let elaborated: Elaborated;
beforeAll(async () => {
  const { sources, top, parameters } = target.design;
  elaborated = readElaborated(await elaborateNetlist(sources, top, parameters), SEED);
});

describe("the short contract of the engine", () => {
  it("is kept by the engine, whatever its registers hold before the reset", async () => {
    expect(await killerOf(compileMutant(elaborated.netlist, target.design, binaryen), target)).toBeUndefined();
  });

  it.each([
    ["a rounding", "mulr.v:14", "sum for difference"],
    ["a saturation", "requant.v:16", "choice exchanged"],
    ["a sign of a twiddle", "sub_sat.v:9 u_engine.u_transform.u_butterfly.u_im_diff", "sum for difference"],
    ["an address", "window_walk.v", "constant off by one"],
    ["a skew", "transform.v", "register added"],
    ["a reset", "receive.v:34 u_engine.u_receive.ready_q", "reset removed"],
    ["an enable", "spectral_product.v", "enable inverted"],
    ["a choice of parts", "unload.v", "choice exchanged"],
  ])("is broken by %s that is wrong (%s, %s)", async (_, place, operator) => {
    const mutants = netlistMutants(elaborated, target).filter(
      ({ id }) => id.startsWith(place) && id.endsWith(operator),
    );
    expect(mutants.length).toBeGreaterThan(0);
    const execute = executioner(elaborated, target, binaryen);
    const verdicts = [];
    for (const mutant of mutants.slice(0, 12)) verdicts.push((await execute(mutant)).verdict);
    expect(verdicts).toContain("killed");
    expect(verdicts).not.toContain("survived");
  });

  it("meets every operator", () => {
    const met = new Set(netlistMutants(elaborated, target).map(({ operator }) => operator.name));
    expect(NETLIST_OPERATORS.map(({ name }) => name).filter((name) => !met.has(name))).toEqual([]);
  });
});
