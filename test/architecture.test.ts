/**
 * Who may import whom. Each rule says why, and the reason is what a failing test prints.
 *
 * Reads the source as text, so type-only imports count and no compiler API is needed. A rule may be
 * written before its folder; a folder may not be made without a rule.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const FOLDERS = ["protocol", "agent", "controller", "packaging", "test"];

/** A file under `from` may import what `only` matches, and nothing that `never` matches. */
interface Rule {
  readonly from: string;
  readonly only?: RegExp;
  readonly never?: RegExp;
  /** Also what the imported files import in turn. */
  readonly throughout?: true;
  readonly why: string;
}

const APART = "agent and controller are deployed apart and meet only in protocol/";
const PURE = "the cores are pure: facts come in as arguments, commands go out";
const PORTS = "the shell speaks to ports; only main.ts chooses the adapter behind one";
const ADAPTERS = "an adapter stands behind a port and knows nothing of what drives it";
const EDGES = "the edges are driven by the orchestrator; they neither steer it nor call each other";
const CLIENT = "the command line is a client of the API like any other";

const EDGE_FOLDERS = ["storage", "gateway", "api", "bus", "notify", "access", "trust", "enrolment", "tls"] as const;

const edgeRules = EDGE_FOLDERS.map((edge): Rule => {
  const others = EDGE_FOLDERS.filter((other) => other !== edge).join("|");
  const never = new RegExp(
    `^controller/(orchestrator|administration|${others}|console|cli)/|^controller/(main|controller)\\.`,
  );
  return { from: `controller/${edge}/`, never, why: EDGES };
});

const RULES: readonly Rule[] = [
  {
    from: "protocol/",
    only: /^(protocol\/|zod$|@noble\/hashes\/|canonicalize$)/,
    why: "protocol is what both sides agree on; it depends on neither, and runs in a browser too",
  },
  { from: "agent/", never: /^(controller|test)\//, why: APART },
  { from: "controller/", never: /^(agent|test)\//, why: APART },
  {
    from: "packaging/",
    never: /^(controller|test)\//,
    why: "a package holds the agent, and nothing that is not shipped",
  },
  { from: "agent/core/", only: /^((protocol|agent\/core)\/|zod$)/, why: PURE },
  {
    from: "agent/evidence/",
    only: /^((protocol|agent\/(evidence|core))\/|@ts-evtx\/core$)/,
    why: "evidence is read from bytes, in WinRE as on the running machine; the one library renders binary XML",
  },
  { from: "agent/shell/", never: /^agent\/(adapters\/|main)/, why: PORTS },
  { from: "agent/adapters/", never: /^agent\/(shell\/|main)/, why: ADAPTERS },
  {
    from: "controller/ports/",
    only: /^((protocol|controller\/(ports|store))\/|zod$)/,
    why: "what the parts ask of each other is said without any of them",
  },
  {
    from: "controller/store/",
    only: /^((protocol|controller\/store)\/|zod$)/,
    why: "what the record holds is said without whoever writes, reads or keeps it",
  },
  { from: "controller/rollout/", only: /^(protocol|controller\/rollout)\//, why: PURE },
  { from: "controller/detection/", only: /^((protocol|controller\/detection)\/|@stdlib\/)/, why: PURE },
  {
    from: "controller/watch/",
    only: /^(protocol|controller\/(watch|detection|incidents|fleet))\/|^controller\/(ports|store)(\.ts$|\/)/,
    why: "what the detector is told is a function of the record and the feed, so that it can be told again",
  },
  {
    from: "controller/incidents/",
    only: /^(protocol|controller\/(incidents|detection|rollout))\/|^controller\/(ports|store|library\/bind)(\.ts$|\/)/,
    why: "what becomes of an incident is decided from facts alone; the orchestrator carries it out",
  },
  {
    from: "controller/drill/",
    never: /^controller\/(?!(drill|detection|rollout)\/|cli\/(documents|errors|output)\.ts$)/,
    why: "a drill decides with the real code and can reach no real device: it knows neither gateway, store nor keys; it only reads documents and prints as the command line does",
  },
  {
    from: "controller/incidents/proposal/",
    only: /^(protocol|controller\/incidents\/proposal)\/|^controller\/library\/bind\.ts$/,
    why: PURE,
  },
  {
    from: "controller/library/",
    only: /^((protocol|controller\/library)\/|yaml$|node:(fs|path)$)/,
    why: "the library is data: it is read at the start, and what is made of it depends on nothing else",
  },
  {
    from: "controller/fleet/",
    only: /^(protocol|controller\/fleet)\/|^controller\/(ports|store)(\.ts$|\/)/,
    why: PURE,
  },
  {
    from: "controller/orchestrator/",
    never:
      /^controller\/(administration|storage|gateway|api|bus|notify|access|trust|enrolment|tls|console|cli)\/|^controller\/(main|controller)\./,
    why: PORTS,
  },
  {
    from: "controller/administration/",
    never:
      /^controller\/(storage|gateway|api|bus|notify|access|trust|enrolment|tls|console|cli)\/|^controller\/(main|controller)\./,
    why: "what people may ask is the same whoever asks and wherever it is stored",
  },
  ...edgeRules,
  {
    from: "controller/console/",
    never: /^node:|^controller\/(?!console\/)/,
    why: "the console runs in a browser and knows the API only through protocol/",
  },
  {
    from: "controller/cli/",
    never: /^controller\/(orchestrator|administration|storage|gateway|console)\/|^controller\/(main|controller)\./,
    why: CLIENT,
  },
  {
    from: "test/lab/judge",
    never: /^(protocol|agent|controller)\/|^test\/lab\/vendor/,
    throughout: true,
    why: "the judge shares no code with what it judges, nor with what breaks the machines",
  },
];

const IMPORT =
  /(?:^|[\n;])\s*(?:import|export)\b[^;'"]*?\bfrom\s*["']([^"']+)["']|(?:^|[\n;])\s*import\s*["']([^"']+)["']|\b(?:import|require)\(\s*["'`]([^"'`]+)["'`]|\bnew URL\(\s*["'`](\.[^"'`]+)["'`]\s*,\s*import\.meta\.url/g;

const slashes = (path: string): string => path.replaceAll("\\", "/");

function importsOf(file: string): string[] {
  return [...readFileSync(join(ROOT, file), "utf8").matchAll(IMPORT)]
    .map((match) => match[1] ?? match[2] ?? match[3] ?? match[4] ?? "")
    .map((to) => (to.startsWith(".") ? slashes(normalize(join(dirname(file), to))) : to));
}

const isOurs = (to: string): boolean => FOLDERS.some((folder) => to.startsWith(`${folder}/`));

const files = FOLDERS.filter((folder) => existsSync(join(ROOT, folder)))
  .flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile() && /\.[cm]?[jt]sx?$/.test(entry.name))
  .map((entry) => slashes(relative(ROOT, join(entry.parentPath, entry.name))))
  .filter((file) => !file.startsWith("controller/console/dist/"));

const importsByFile = new Map(files.map((file) => [file, importsOf(file)]));

/** What `file` imports; with `throughout`, also what those files import, named by the way there. */
function reach(file: string, throughout: boolean): { way: string; to: string }[] {
  const found: { way: string; to: string }[] = [];
  const seen = new Set([file]);
  const walk = (from: string, way: string): void => {
    for (const to of importsByFile.get(from) ?? []) {
      found.push({ way: `${way} -> ${to}`, to });
      if (!throughout || seen.has(to)) continue;
      seen.add(to);
      walk(to, `${way} -> ${to}`);
    }
  };
  walk(file, file);
  return found;
}

describe("architecture", () => {
  test("the sources are found, so the rules below do not pass on nothing", () => {
    expect(files).toContain("test/architecture.test.ts");
    expect(importsByFile.get("test/run.ts")).toContain("test/lanes.ts");
  });

  test("every import inside the project resolves to a file that was read", () => {
    const unread = [...importsByFile].flatMap(([file, imports]) =>
      imports
        .filter((to) => isOurs(to) && /\.[cm]?[jt]sx?$/.test(to) && !files.includes(to))
        .map((to) => `${file} -> ${to}`),
    );
    expect(unread).toEqual([]);
  });

  test("every folder of the agent and the controller has a rule of its own", () => {
    const folders = new Set(files.flatMap((file) => /^(?:agent|controller)\/[^/]+\//.exec(file)?.[0] ?? []));
    expect([...folders].filter((folder) => !RULES.some(({ from }) => from === folder))).toEqual([]);
  });

  test.each(RULES)("$from: $why", ({ from, only, never, throughout }) => {
    const broken = files
      .filter((file) => file.startsWith(from))
      .flatMap((file) => reach(file, throughout === true))
      .filter(({ to }) => (only !== undefined && !only.test(to)) || never?.test(to) === true);
    expect(broken.map(({ way }) => way)).toEqual([]);
  });

  test("the pure cores read neither clock, dice nor environment", () => {
    const pure = /^(protocol|agent\/(core|evidence)|controller\/(rollout|detection|watch|incidents))\//;
    const impure =
      /\bDate\.now\(|\bnew Date\(\)|\bTemporal\.Now\b|\bperformance\.now\(|\bMath\.random\(|\brandomUUID\(|\bgetRandomValues\(|\bset(Timeout|Interval|Immediate)\(|\bprocess\.[a-z]|\bfetch\(/;
    const found = files.filter((file) => pure.test(file) && impure.test(readFileSync(join(ROOT, file), "utf8")));
    expect(found).toEqual([]);
  });
});
