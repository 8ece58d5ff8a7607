/**
 * What `npm test` runs: the static checks, what the machine lacks, every lane, and a summary.
 *
 * The last line printed is always `N passed, N failed` (and `, N skipped`). Failed counts everything
 * that makes the run fail: tests, test files that do not load, the static checks, a runner that ends
 * badly. What cannot be installed here is a skip with a name, never a silent pass.
 */
import { type SpawnOptions, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { z } from "zod";
import { LANES, laneOf } from "./lanes.ts";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");

const help = (): string => `Usage: npm test [-- --full]

Runs the static checks and then the tests of every lane: ${LANES.map(({ name }) => name).join(", ")}.
On Debian, root has missing packages installed (${REQUIREMENTS.map(({ name }) => name).join(", ")}); elsewhere the tests that need
them are skipped and named.

  --full   the same tests with the large counts (npm run test:full)
  --help   this text

One lane:  npx vitest run --project storage
One file:  npx vitest run test/architecture.test.ts`;

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

/** A program that some tests need and that can be missing. */
interface Requirement {
  readonly name: string;
  /** What Debian calls it, if not by this name. */
  readonly packages?: readonly string[];
  readonly neededBy: string;
  /** Read by the tests: the reason why they are skipped. */
  readonly variable: string;
  readonly isThere: () => boolean;
}

const REQUIREMENTS: readonly Requirement[] = [
  {
    name: "chromium",
    neededBy: "console",
    variable: "RINGBACK_NO_CHROMIUM",
    isThere: () => existsSync("/usr/bin/chromium"),
  },
  {
    name: "nginx",
    neededBy: "unit (test/tls)",
    variable: "RINGBACK_NO_NGINX",
    isThere: () => existsSync("/usr/sbin/nginx"),
  },
  {
    name: "haproxy",
    neededBy: "unit (test/tls)",
    variable: "RINGBACK_NO_HAPROXY",
    isThere: () => existsSync("/usr/sbin/haproxy"),
  },
  {
    name: "tinyproxy",
    packages: ["tinyproxy-bin"],
    neededBy: "unit (test/tls)",
    variable: "RINGBACK_NO_TINYPROXY",
    isThere: () => existsSync("/usr/bin/tinyproxy"),
  },
  {
    name: "wine",
    packages: ["wine", "wine64"],
    neededBy: "wine",
    variable: "RINGBACK_NO_WINE",
    isThere: () => existsSync("/usr/bin/wine"),
  },
  {
    name: "mingw-w64",
    packages: ["gcc-mingw-w64-x86-64-win32", "mingw-w64-x86-64-dev"],
    neededBy: "wine",
    variable: "RINGBACK_NO_MINGW",
    isThere: () => existsSync("/usr/bin/x86_64-w64-mingw32-gcc"),
  },
  {
    name: "wixl",
    packages: ["wixl", "msitools", "osslsigncode"],
    neededBy: "wine, unit (test/packaging)",
    variable: "RINGBACK_NO_WIXL",
    isThere: () => ["wixl", "msibuild", "osslsigncode"].every((tool) => existsSync(`/usr/bin/${tool}`)),
  },
  {
    name: "postgresql",
    neededBy: "storage",
    variable: "RINGBACK_NO_POSTGRES",
    isThere: () =>
      existsSync("/usr/lib/postgresql") &&
      readdirSync("/usr/lib/postgresql").some((version) => existsSync(`/usr/lib/postgresql/${version}/bin/postgres`)),
  },
];

const Report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ status: z.string() })),
    }),
  ),
});

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { full: { type: "boolean" }, help: { type: "boolean" } } });
  if (values.help === true) {
    console.log(help());
    return 0;
  }
  if (values.full === true) process.env["RINGBACK_TEST_FULL"] = "1";

  const problems: string[] = [];
  try {
    heading("check");
    if ((await run("npm", ["run", "check"])) !== 0) problems.push("the static checks failed (npm run check)");
    const missing = await installMissing();
    heading("tests");
    const counts = await runLanes(problems);
    return summarise(counts, missing, problems);
  } catch (error) {
    console.error(error);
    return summarise(new Map(), [], [...problems, "the test run itself broke, see above"]);
  }
}

/** Says what is still missing afterwards, one line each. */
async function installMissing(): Promise<string[]> {
  const missing = REQUIREMENTS.filter(({ isThere }) => !isThere());
  if (missing.length === 0) return [];
  heading(`packages: ${missing.map(({ name }) => name).join(", ")}`);
  const whyNot = await prepareApt();
  const lines: string[] = [];
  for (const { name, packages = [name], neededBy, variable, isThere } of missing) {
    if (whyNot === undefined) await apt("install", "--yes", "--no-install-recommends", ...packages);
    if (isThere()) continue;
    const reason = `${name} is missing: ${whyNot ?? "apt-get could not install it"}`;
    process.env[variable] = reason;
    lines.push(`tests in ${neededBy}: ${reason}`);
  }
  return lines;
}

async function prepareApt(): Promise<string | undefined> {
  if (!existsSync("/usr/bin/apt-get") || !/^ID=debian$/m.test(readFileSync("/etc/os-release", "utf8"))) {
    return "this is not Debian";
  }
  if (process.getuid?.() !== 0) return "only root may install packages";
  return (await apt("update")) === 0 ? undefined : "apt-get update failed";
}

async function apt(...args: string[]): Promise<number> {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return await run("apt-get", ["-qq", "-o", "Dpkg::Use-Pty=0", ...args], { env });
}

/** Adds to `problems` what no single test stands for. */
async function runLanes(problems: string[]): Promise<Map<string, Count>> {
  const folder = mkdtempSync(join(tmpdir(), "ringback-test-"));
  const file = join(folder, "report.json");
  try {
    const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
    const exitCode = await run(process.execPath, [vitest, "run", ...reporters]);
    const counts = existsSync(file) ? countByLane(readFileSync(file, "utf8")) : new Map<string, Count>();
    const failed = [...counts.values()].some((count) => count.failed > 0);
    if (exitCode !== 0 && !failed) problems.push(`the test runner ended with code ${exitCode}, see above`);
    return counts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function countByLane(report: string): Map<string, Count> {
  const counts = new Map<string, Count>();
  for (const { name, status, assertionResults } of Report.parse(JSON.parse(report)).testResults) {
    const lane = laneOf(relative(ROOT, name).replaceAll("\\", "/"));
    const count = counts.get(lane) ?? { passed: 0, failed: 0, skipped: 0 };
    counts.set(lane, count);
    const before = count.failed;
    for (const test of assertionResults) {
      if (test.status === "passed") count.passed++;
      else if (test.status === "failed") count.failed++;
      else count.skipped++;
    }
    if (status === "failed" && count.failed === before) count.failed++; // the file did not load, or a hook failed
  }
  return counts;
}

function summarise(
  counts: ReadonlyMap<string, Count>,
  missing: readonly string[],
  problems: readonly string[],
): number {
  const total: Count = { passed: 0, failed: problems.length, skipped: 0 };
  heading("summary");
  console.log(["lane".padEnd(12), "passed".padStart(8), "failed".padStart(8), "skipped".padStart(8)].join(""));
  for (const { name } of LANES) {
    const count = counts.get(name);
    const cells = count === undefined ? ["none", "", ""] : [count.passed, count.failed, count.skipped].map(String);
    console.log(name.padEnd(12) + cells.map((cell) => cell.padStart(8)).join(""));
    total.passed += count?.passed ?? 0;
    total.failed += count?.failed ?? 0;
    total.skipped += count?.skipped ?? 0;
  }
  for (const line of missing) console.log(`skipped: ${line}`);
  for (const problem of problems) console.log(`failed: ${problem}`);
  const anyRan = total.passed + total.failed > 0;
  if (!anyRan) console.log("failed: no test ran");
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
  console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
  return anyRan && total.failed === 0 ? 0 : 1;
}

function heading(text: string): void {
  console.log(`\n=== ${text}`);
}

async function run(command: string, args: readonly string[], options: SpawnOptions = {}): Promise<number> {
  const shell = process.platform === "win32" && command === "npm"; // npm is a .cmd file there
  return await new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: "inherit", shell, ...options });
    child.once("error", (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(1);
    });
    child.once("close", (code) => resolve(code ?? 1)); // without a code: ended by a signal
  });
}

process.exitCode = await main();
