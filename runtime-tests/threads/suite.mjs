// The suite with each model in two threads and its digits cut into many pieces.
import { capabilities, ThreadedSession } from "circulant/threads";
import * as assets from "../shared/assets.mjs";
import { runSuite } from "../shared/suite.mjs";

export function runThreaded() {
  const Session = { create: (model) => ThreadedSession.create(model, { threads: 2, pieceItems: 16 }) };
  return runSuite({ capabilities, Session }, assets);
}
