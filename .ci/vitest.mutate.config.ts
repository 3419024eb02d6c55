import { defineConfig } from "vitest/config";

/** The tests that have to notice a change of `dispatcher/core`: its own, which are pure and fast. */
export default defineConfig({
  test: { include: ["test/dispatcher/core/**/*.test.ts"], testTimeout: 20_000, restoreMocks: true, isolate: false },
});
