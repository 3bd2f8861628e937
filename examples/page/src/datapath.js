// The page's side of the simulated datapath: the newest digit is run, those drawn meanwhile are not.
import { compareTraces } from "circulant/rtl/web";

/**
 * Starts the worker.
 *
 * @param {() => Promise<Uint8Array>} readSimulation
 */
export function createDatapath(readSimulation) {
  const worker = new Worker("rtl.js", { type: "module" });
  const waiting = new Map();
  let number = 0;
  let newest = 0;
  worker.addEventListener("message", ({ data: { id, result, error } }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) resolve(result);
    else reject(new Error(error));
  });
  worker.addEventListener("error", ({ message }) => {
    for (const { reject } of waiting.values())
      reject(new Error(message || "the worker of the simulation did not start"));
    waiting.clear();
  });
  const ask = (message) =>
    new Promise((resolve, reject) => {
      const id = ++number;
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, ...message });
    });
  let opened;
  let running = Promise.resolve();
  return {
    /** Puts a model in the datapath's memories. */
    open(model) {
      newest++;
      opened = readSimulation().then((simulation) => ask({ what: "open", simulation, model }));
      opened.catch(() => {});
    },
    /**
     * Runs a digit, once the one before is done.
     *
     * @returns undefined if a newer one or another model came first
     */
    run(digit) {
      const own = ++newest;
      const result = running.then(async () => {
        await opened;
        return own === newest ? ask({ what: "run", digit }) : undefined;
      });
      running = result.catch(() => {});
      return result.then((found) => (own === newest ? found : undefined));
    },
    /** No digit that was given before is answered any more. */
    forget() {
      newest++;
    },
  };
}

/**
 * The datapath's words beside those of the kernels.
 *
 * @param {import("circulant").Model} model
 * @returns {{ equal: boolean, text: string }}
 */
export function judge(model, expected, actual) {
  const { words, differing, first } = compareTraces(expected, actual);
  const count = words.toLocaleString("en");
  if (!first) return { equal: true, text: ` all ${count} words of all tensors` };
  const { name } = model.operations[first.operation];
  const place = `${name}, ${first.tensor}, word ${first.index}: kernels ${first.expected}, Verilog ${first.actual}`;
  return { equal: false, text: ` ${differing.toLocaleString("en")} of ${count} words; first ${place}` };
}
