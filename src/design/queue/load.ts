import { RuntimeError } from "../../errors.ts";

/** The versions that the project is tested with. */
const PACKAGES = "bullmq@6.7.0 ioredis@6.0.0";

/** The queue's packages, which are not installed with this one. @throws RuntimeError if they are not there */
export async function loadQueue() {
  try {
    const [bull, { Redis }] = await Promise.all([import("bullmq"), import("ioredis")]);
    return { Queue: bull.Queue, QueueEvents: bull.QueueEvents, Worker: bull.Worker, Redis };
  } catch (cause) {
    const got = (cause as Error).message.split("\n")[0];
    throw new RuntimeError(`queue: expected the packages bullmq and ioredis, got ${got}; npm install ${PACKAGES}`, {
      problem: "NO_QUEUE",
    });
  }
}

/** A connection to Redis. @throws RuntimeError if none can be made */
export async function connect(url: string) {
  const { Redis } = await loadQueue();
  const redis = new Redis(url, { maxRetriesPerRequest: null, lazyConnect: true, retryStrategy: () => null });
  redis.on("error", () => {});
  try {
    await redis.connect();
    await redis.ping();
  } catch (cause) {
    redis.disconnect();
    throw new RuntimeError(
      `${url}: expected a Redis server, got ${(cause as Error).message}; start one, redis-server`,
      {
        problem: "NO_REDIS",
      },
    );
  }
  return redis;
}
