import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { start } from "../runner/processes.mjs";

/**
 * Runs a function behind an emulated Runtime API, as the platform does: its environment, `invocation/next`, `response`,
 * `error` and `init/error`. The folder holds what would be in the zip.
 *
 * @param lambda handler (file and export, as "index.handler"), taskRoot, bootstrap, node
 * @param use    is given `invoke`, which answers one event after another
 * @throws Error if the function fails to load, ends, or answers with an error
 */
export async function withLambda({ bootstrap, taskRoot, handler, node }, use) {
  let waiting; // the runtime's open request for the next event
  let event; // the event that waits for it, with its caller
  const give = () => {
    if (!waiting || !event || event.isGiven) return;
    event.isGiven = true;
    waiting.setHeader("Lambda-Runtime-Aws-Request-Id", "request");
    waiting.end(JSON.stringify(event.value));
    waiting = undefined;
  };
  const invoke = (value) =>
    new Promise((resolve, reject) => {
      event = { value, resolve, reject };
      give();
    });
  const server = createServer(async (request, response) => {
    if (request.url.endsWith("/invocation/next")) {
      waiting = response;
      return give();
    }
    const body = JSON.parse(await text(request));
    response.writeHead(202).end("{}");
    if (request.url.endsWith("/response")) event.resolve(body);
    else event.reject(new Error(`function: expected an answer, got ${body.errorType}: ${body.errorMessage}`));
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const env = {
    AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${server.address().port}`,
    LAMBDA_TASK_ROOT: taskRoot,
    _HANDLER: handler,
  };
  const child = start(node, [bootstrap], { cwd: taskRoot, env });
  const ended = child.ended.then((code) => {
    throw new Error(`function: expected it to wait for events, got exit ${code}\n${child.tail()}`);
  });
  try {
    return await Promise.race([use(invoke), ended]);
  } finally {
    await child.stop();
    server.closeAllConnections();
    server.close();
    await ended.catch(() => undefined);
  }
}
