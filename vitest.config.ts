import { defineConfig } from "vitest/config";
import { FULL_RUN_TIMEOUT_FACTOR, LANES } from "./test/lanes.ts";

const folders = LANES.flatMap(({ folder }) => folder ?? []);
const factor = process.env["RINGBACK_TEST_FULL"] === "1" ? FULL_RUN_TIMEOUT_FACTOR : 1;

export default defineConfig({
  test: {
    pool: "forks",
    // What is waited for comes when it comes; a second is short on a loaded machine.
    expect: { poll: { timeout: 20_000 } },
    maxWorkers: 2,
    projects: LANES.map((lane) => ({
      extends: true,
      test: {
        name: lane.name,
        include: [`${lane.folder ?? "test"}/**/*.test.ts`],
        exclude: lane.folder === undefined ? folders.map((folder) => `${folder}/**`) : [],
        testTimeout: lane.testTimeoutMs * factor,
        hookTimeout: lane.hookTimeoutMs * factor,
        globalSetup: lane.setup ?? [],
      },
    })),
  },
});
