// The page of every browser: the suite in threads, then the report where a driver can read it.
import { runThreaded } from "./suite.mjs";

async function report() {
  const { crossOriginIsolated } = globalThis;
  try {
    return { crossOriginIsolated, report: await runThreaded() };
  } catch ({ name, code, message }) {
    return { crossOriginIsolated, error: { name, code, message } };
  }
}

document.documentElement.dataset.report = JSON.stringify(await report());
