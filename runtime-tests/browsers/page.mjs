// The page of every browser: the first inference, then the suite, then the report where a driver can read it.
import * as assets from "../shared/assets.mjs";
import { runSuite, timeFirst } from "../shared/suite.mjs";

const load = () => import("circulant");

async function report() {
  const { crossOriginIsolated } = globalThis;
  try {
    const first = await timeFirst(load, assets);
    return { crossOriginIsolated, first, report: await runSuite(await load(), assets) };
  } catch ({ name, code, message }) {
    return { crossOriginIsolated, error: { name, code, message } };
  }
}

document.documentElement.dataset.report = JSON.stringify(await report());
