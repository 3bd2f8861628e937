import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Reply } from "../call.ts";
import type { Answered } from "../respond.ts";

/** What a server counts, as Prometheus reads it. */
export interface Metrics {
  readonly onAnswered: (answered: Answered) => void;
  readonly onBatch: (items: number) => void;
  readonly onReload: (model: string, result: "swapped" | "unchanged" | "refused") => void;
  readonly onLost: () => void;
  /** The text that `/metrics` answers. */
  readonly page: () => Promise<Reply>;
}

/** Gauges that are asked when the page is. */
export interface Gauged {
  readonly waiting: () => number;
  readonly threads: () => number;
  readonly versions: () => Iterable<readonly [model: string, version: string]>;
}

const SECONDS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createMetrics({ waiting, threads, versions }: Gauged): Metrics {
  const registers = [new Registry()];
  const [registry] = registers;
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: "circulant_requests_total",
    help: "Requests answered, by route, model and HTTP status.",
    labelNames: ["route", "model", "status"],
    registers,
  });
  const seconds = new Histogram({
    name: "circulant_infer_seconds",
    help: "Time from a request for inference to its answer, body included.",
    labelNames: ["model"],
    buckets: SECONDS,
    registers,
  });
  const items = new Counter({
    name: "circulant_items_total",
    help: "Items inferred.",
    labelNames: ["model"],
    registers,
  });
  const batches = new Histogram({
    name: "circulant_batch_items",
    help: "Items that a thread got at once.",
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    registers,
  });
  const reloads = new Counter({
    name: "circulant_reloads_total",
    help: "Model files read again, by what became of them.",
    labelNames: ["model", "result"],
    registers,
  });
  const lost = new Counter({
    name: "circulant_threads_lost_total",
    help: "Threads that ended by themselves.",
    registers,
  });
  new Gauge({
    name: "circulant_items_waiting",
    help: "Items that wait or run.",
    registers,
    collect() {
      this.set(waiting());
    },
  });
  new Gauge({
    name: "circulant_threads",
    help: "Threads that run models.",
    registers,
    collect() {
      this.set(threads());
    },
  });
  new Gauge({
    name: "circulant_model_info",
    help: "1 for the version of each model that is served.",
    labelNames: ["model", "version"],
    registers,
    collect() {
      this.reset();
      for (const [model, version] of versions()) this.set({ model, version }, 1);
    },
  });

  return {
    onAnswered({ route, model = "", status, milliseconds, items: count }) {
      requests.inc({ route, model, status });
      if (route === "infer" && status === 200) {
        seconds.observe({ model }, milliseconds / 1000);
        items.inc({ model }, count);
      }
    },
    onBatch: (count) => batches.observe(count),
    onReload: (model, result) => reloads.inc({ model, result }),
    onLost: () => lost.inc(),
    async page() {
      return { status: 200, headers: { "content-type": registry.contentType }, body: await registry.metrics() };
    },
  };
}
