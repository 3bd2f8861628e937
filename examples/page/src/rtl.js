// A worker: the Verilog of the datapath, simulated, beside the page.
import { readModel } from "circulant";
import { openDatapath } from "circulant/rtl/web";

let datapath;

/** What the page asks for, one after the other. */
const answers = {
  async open({ simulation, model }) {
    datapath?.dispose();
    datapath = undefined;
    datapath = await openDatapath(simulation, readModel(model));
    return {};
  },
  async run({ digit }) {
    const started = performance.now();
    const result = await datapath.run(digit);
    return { ...result, milliseconds: performance.now() - started };
  },
};

let last = Promise.resolve();
addEventListener("message", ({ data }) => {
  last = last.then(async () => {
    try {
      postMessage({ id: data.id, result: await answers[data.what](data) });
    } catch (error) {
      postMessage({ id: data.id, error: error instanceof Error ? error.message : String(error) });
    }
  });
});
