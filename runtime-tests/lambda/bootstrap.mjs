// What the platform's Node runtime does: loads the handler that _HANDLER names, then takes one event after another from
// the Runtime API.
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const { AWS_LAMBDA_RUNTIME_API, LAMBDA_TASK_ROOT, _HANDLER } = process.env;
const runtime = `http://${AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;
const post = (path, value) => fetch(`${runtime}/${path}`, { method: "POST", body: JSON.stringify(value) });
const errorOf = ({ name, message, stack }) => ({
  errorType: name,
  errorMessage: message,
  stackTrace: stack.split("\n"),
});

const [file, name] = _HANDLER.split(".");
let handler;
try {
  ({ [name]: handler } = await import(pathToFileURL(join(LAMBDA_TASK_ROOT, `${file}.mjs`)).href));
} catch (error) {
  await post("init/error", errorOf(error));
  process.exit(1);
}
for (;;) {
  const next = await fetch(`${runtime}/invocation/next`);
  const id = next.headers.get("lambda-runtime-aws-request-id");
  try {
    await post(`invocation/${id}/response`, await handler(await next.json(), { awsRequestId: id }));
  } catch (error) {
    await post(`invocation/${id}/error`, errorOf(error));
  }
}
