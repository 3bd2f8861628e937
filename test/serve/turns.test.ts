import { once } from "node:events";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { jsonReply } from "../../src/serve/call.ts";
import { createHttpServer } from "../../src/serve/node/http.ts";
import { createTurns } from "../../src/serve/node/turns.ts";

const sockets: Socket[] = [];
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const end of ends.splice(0)) await end();
});

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("the turns of the event loop", () => {
  it("run calls in order, a part of them each, and late ones beside them", async () => {
    const turns = createTurns();
    const ran: string[] = [];
    for (let i = 0; i < 100; i++) turns.enter(() => ran.push(`call ${i}`), false);
    for (let i = 0; i < 30; i++) turns.enter(() => ran.push(`late ${i}`), true);
    expect([ran.length, turns.waiting()]).toEqual([0, 100]);
    const lengths: number[] = [];
    while (ran.length < 130) {
      await nextTurn();
      lengths.push(ran.length);
    }
    expect(lengths).toEqual([40, 80, 120, 130]);
    const numbers = (what: string) => ran.filter((it) => it.startsWith(what)).map((it) => Number(it.slice(5)));
    expect(numbers("call")).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(numbers("late")).toEqual(Array.from({ length: 30 }, (_, i) => i));
    expect(turns.waiting()).toBe(0);
  });

  it("run fewer calls where a connection came, so that the next is not kept waiting", async () => {
    const turns = createTurns();
    let ran = 0;
    for (let i = 0; i < 100; i++) turns.enter(() => ran++, false);
    turns.connect();
    await nextTurn();
    expect(ran).toBe(4);
    await nextTurn();
    expect(ran).toBe(36);
  });

  it.each([false, true])("keep no more calls than connections are taken (late: %s)", async (isLate) => {
    const turns = createTurns();
    let ran = 0;
    for (let i = 0; i < 20_000; i++) turns.enter(() => ran++, isLate);
    expect(ran).toBe(20_000 - 16_384);
    while (ran < 20_000) await nextTurn();
  });
});

const REQUEST = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";

/** A connection that asks, and again when it is answered, if it is a busy one. */
async function openConnection(port: number, isBusy: boolean, onAnswer: () => void): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  sockets.push(socket);
  socket.on("error", () => {});
  socket.on("data", () => {
    onAnswer();
    if (isBusy) socket.write(REQUEST);
  });
  socket.write(REQUEST);
  await once(socket, "data");
}

describe("a server with 400 connections that ask again and again", () => {
  it("answers 100 new ones before the others have asked many times", async () => {
    const turns = createTurns();
    const http = createHttpServer(async () => jsonReply(200, {}), {
      turns,
      isFull: () => turns.waiting() >= 100,
      bufferBytes: 2 ** 20,
      arrivalMilliseconds: 60_000,
      maxConnections: 1000,
      isClosing: () => false,
    });
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", 1000, resolve));
    ends.push(() => http.close());
    const { port } = http.address() as AddressInfo;
    let answers = 0;
    const open = (count: number, isBusy: boolean) =>
      Promise.all(Array.from({ length: count }, () => openConnection(port, isBusy, () => answers++)));
    await open(400, true);
    answers = 0;
    await open(100, false);
    expect(answers).toBeLessThan(10_000);
  });
});
