/**
 * The lanes the tests are sorted into, by folder. Vitest runs them and `run.ts` reports on them, so
 * that a test belongs to exactly one lane: the first whose folder holds it, otherwise "unit".
 *
 * The time limits leave room for a loaded machine with two cores. They end a test that hangs; they
 * assert nothing about speed.
 */
export interface Lane {
  readonly name: string;
  /** Without a folder: every test that no other lane has. */
  readonly folder?: string;
  readonly testTimeoutMs: number;
  readonly hookTimeoutMs: number;
  /** Run once before the first test of the lane. */
  readonly setup?: string;
}

export const LANES: readonly Lane[] = [
  { name: "unit", testTimeoutMs: 20_000, hookTimeoutMs: 20_000 },
  { name: "storage", folder: "test/storage", testTimeoutMs: 60_000, hookTimeoutMs: 120_000 },
  { name: "lab", folder: "test/lab", testTimeoutMs: 180_000, hookTimeoutMs: 120_000 },
  {
    name: "console",
    folder: "test/console",
    testTimeoutMs: 90_000,
    hookTimeoutMs: 120_000,
    setup: "test/support/build-console.ts",
  },
  { name: "bench", folder: "test/bench", testTimeoutMs: 180_000, hookTimeoutMs: 60_000 },
  { name: "wine", folder: "test/wine", testTimeoutMs: 240_000, hookTimeoutMs: 180_000 },
  { name: "threats", folder: "test/threats", testTimeoutMs: 120_000, hookTimeoutMs: 60_000 },
  { name: "simulation", folder: "test/simulation", testTimeoutMs: 300_000, hookTimeoutMs: 60_000 },
];

/** The full run repeats the same tests with the large counts. */
export const FULL_RUN_TIMEOUT_FACTOR = 10;

/** @param file relative to the project, with forward slashes */
export function laneOf(file: string): string {
  return LANES.find(({ folder }) => folder !== undefined && file.startsWith(`${folder}/`))?.name ?? "unit";
}
