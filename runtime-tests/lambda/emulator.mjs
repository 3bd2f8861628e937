import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { start } from "../runner/processes.mjs";

/**
 * Runs a function behind an emulated Runtime API, as the platform does: the environment, `invocation/next`, `response`,
 * `error` and `init/error`. Its folder holds what would be in the zip, and nothing else is found.
 *
 * @param handler file and export, as "index.handler"
 * @param events  given one after another
 * @returns the answers
 * @throws Error if the function fails to load or answers with an error
 */
export async function invoke({ bootstrap, taskRoot, handler, node = process.execPath }, events) {
  const answers = [];
  let [resolve, reject] = [];
  const answered = new Promise((...both) => {
    [resolve, reject] = both;
  });
  const server = createServer(async (request, response) => {
    const path = request.url.replace("/2018-06-01/runtime/", "");
    if (path === "invocation/next") {
      if (answers.length === events.length) return resolve(answers);
      response.setHeader("Lambda-Runtime-Aws-Request-Id", `request-${answers.length}`);
      response.setHeader("Content-Type", "application/json");
      return response.end(JSON.stringify(events[answers.length]));
    }
    const body = JSON.parse(await text(request));
    response.writeHead(202).end("{}");
    if (path.endsWith("/response")) answers.push(body);
    else reject(new Error(`function: expected an answer, got ${body.errorType}: ${body.errorMessage}`));
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const env = {
    AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${server.address().port}`,
    LAMBDA_TASK_ROOT: taskRoot,
    _HANDLER: handler,
  };
  const child = start(node, [bootstrap], { cwd: taskRoot, env });
  child.ended.then((code) =>
    reject(new Error(`function: expected it to wait for events, got exit ${code}\n${child.tail()}`)),
  );
  try {
    return await answered;
  } finally {
    await child.stop();
    server.closeAllConnections();
    server.close();
  }
}
