import type { DesignReport } from "../../src/design/report.ts";

/** A report without what is measured by a clock: times, and what follows from them. */
export function comparable(report: DesignReport): unknown {
  const bare = ({ microseconds: _, ...rest }: { readonly microseconds: number }) => rest;
  const { points, rivals, beats: _, pareto: __, jobSeconds: ___, machine: ____, ...rest } = report;
  return {
    ...rest,
    points: points.map((point) => ({ ...bare(point), pareto: undefined, rebuild: undefined })),
    rivals: rivals.map(bare),
  };
}
