import { fileURLToPath } from "node:url";
import { cloudflareTest } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)), // the pool finds no wasm outside of its root
  plugins: [
    cloudflareTest({
      miniflare: {
        compatibilityDate: "2026-03-01",
        compatibilityFlags: ["nodejs_compat"],
        modulesRules: [{ type: "CompiledWasm", include: ["**/*.wasm"], fallthrough: true }],
      },
    }),
  ],
  test: { include: ["vitest-workerd/suite.test.mjs"], testTimeout: 60_000 },
});
