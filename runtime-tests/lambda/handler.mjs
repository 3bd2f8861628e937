// The suite as a Lambda function; the event's path says what is asked.
import * as assets from "../shared/assets.mjs";
import { runSuite, timeFirst } from "../shared/suite.mjs";

const load = () => import("circulant");

export async function handler({ path }) {
  return path === "/suite" ? runSuite(await load(), assets) : timeFirst(load, assets);
}
