import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { RequestError } from "../../errors.ts";
import { joinChunks } from "../../runtime/stream.ts";
import { bodyCut, bodyTooLong, checkDeclaredLength } from "../body.ts";
import type { Call, Reply } from "../call.ts";
import { errorReply } from "../respond.ts";
import type { Turns } from "./turns.ts";

export interface HttpOptions {
  /** Bytes of all bodies at a time that are not answered yet; more are answered 503. */
  readonly bufferBytes: number;
  /** How long a request may take to arrive. */
  readonly arrivalMilliseconds: number;
  readonly maxConnections: number;
  /** When calls are run. */
  readonly turns: Turns;
  /** True if an inference that is asked for now is late: as much waits as may. Other calls never are. */
  readonly isFull: () => boolean;
  /** True once the server takes no more connections: a reply then ends its own. */
  readonly isClosing: () => boolean;
}

/**
 * A server of `node:http` for what answers calls. It writes replies without the objects of `Request` and `Response`,
 * which cost more than an inference.
 */
export function createHttpServer(respond: (call: Call) => Promise<Reply>, options: HttpOptions): Server {
  const { arrivalMilliseconds: requestTimeout, maxConnections, turns, isFull, isClosing } = options;
  let bufferedBytes = 0;

  const readBody = (request: IncomingMessage, response: ServerResponse, limitBytes: number) =>
    new Promise<Uint8Array<ArrayBuffer>>((resolve, reject) => {
      const chunks: Uint8Array[] = [];
      let length = 0;
      const fail = (error: Error) => {
        request.off("data", take);
        request.resume();
        reject(error);
      };
      const take = (chunk: Uint8Array) => {
        length += chunk.length;
        bufferedBytes += chunk.length;
        chunks.push(chunk);
        if (length > limitBytes) fail(bodyTooLong(limitBytes, length));
        else if (bufferedBytes > options.bufferBytes) fail(tooMuch(options.bufferBytes));
      };
      request.on("data", take);
      request.once("end", () => resolve(joinChunks(chunks, length)));
      request.once("error", (error) => reject(bodyCut(error)));
      response.once("close", () => {
        bufferedBytes -= length;
        if (!request.complete) reject(bodyCut("the connection ended"));
      });
    });

  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    const isLate = request.method === "POST" && isFull();
    if (isLate) request.resume();
    const call = callOf(request, response, isLate);
    turns.enter(() => {
      if (!response.destroyed) answer(call, response);
    }, isLate);
  };

  const callOf = (request: IncomingMessage, response: ServerResponse, isLate: boolean): Call => {
    return {
      arrived: performance.now(),
      isLate,
      method: request.method ?? "",
      path: pathOf(request.url ?? ""),
      header: (name) => request.headers[name]?.toString(),
      async body(limitBytes) {
        checkDeclaredLength(request.headers["content-length"], limitBytes);
        return readBody(request, response, limitBytes);
      },
    };
  };

  const answer = (call: Call, response: ServerResponse) => {
    respond(call).then(
      (reply) => send(response, reply, isClosing()),
      (error) => send(response, errorReply(error), true),
    );
  };

  const server = createServer(
    { requestTimeout, connectionsCheckingInterval: 1000, keepAliveTimeout: 65_000 },
    onRequest,
  );
  server.maxConnections = maxConnections;
  server.on("connection", turns.connect);
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable || error.code === "ECONNRESET") return socket.destroy();
    const { status, body } = errorReply(malformed(error));
    const head = `HTTP/1.1 ${status} ${status === 408 ? "Request Timeout" : "Bad Request"}\r\n`;
    const headers = `content-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n`;
    socket.end(head + headers + body);
  });
  return server;
}

/** The path as it was sent, without a query. */
function pathOf(url: string): string {
  const query = url.indexOf("?");
  return query < 0 ? url : url.slice(0, query);
}

function send(response: ServerResponse, { status, headers, body }: Reply, close: boolean): void {
  const length = typeof body === "string" ? Buffer.byteLength(body) : body.length;
  response.writeHead(status, { ...headers, "content-length": length, ...(close ? { connection: "close" } : {}) });
  response.end(body);
}

function tooMuch(limitBytes: number): RequestError {
  return new RequestError(503, `server: expected at most ${limitBytes} bytes of bodies at a time; try again later`, {
    retryAfterSeconds: 1,
  });
}

/** What the parser of HTTP refuses. */
function malformed({ code, message }: NodeJS.ErrnoException): RequestError {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT")
    return new RequestError(408, "request: expected all of it in time, got a part");
  if (code === "HPE_HEADER_OVERFLOW") return new RequestError(431, "headers: expected fewer bytes; send shorter ones");
  return new RequestError(400, `request: expected HTTP/1.1 (${message})`);
}
