/** The command line of a drill: what it prints, what it refuses and how it ends. */
import { describe, expect, test } from "vitest";
import { type DrillSystem, run } from "../../controller/drill/command/run.ts";
import type { Scenario } from "../../controller/drill/outbreak.ts";
import { stagedStrategy } from "../../controller/drill/strategies.ts";
import { anOutbreak } from "../support/an-outbreak.ts";

const { scenario: aScenario } = anOutbreak({ size: 1 });
const SCENARIOS: readonly Scenario[] = [
  { ...aScenario, name: "crowdstrike-2024", title: "A boot loop <&>" },
  { ...aScenario, name: "nothing-wrong", title: "A quiet day", isNegative: true },
];

/** With a small world in which a third of the fleet is hurt, and all of it where nobody watches. */
function said(args: readonly string[], files: Record<string, string> = {}, isTTY = false) {
  const [out, err]: [string[], string[]] = [[], []];
  const written = new Map<string, string>();
  const system: DrillSystem = {
    stdout: { write: (text) => out.push(text) },
    stderr: { write: (text) => err.push(text), isTTY },
    readFile(path) {
      const text = files[path];
      if (text === undefined) throw new Error("no such file");
      return text;
    },
    writeFile: (path, text) => void written.set(path, text),
    scenarios: SCENARIOS,
    play: ({ scenario, size, hasProduct }) => {
      const exposedShare = hasProduct ? 1 / 3 : 1;
      return { ...anOutbreak({ size, exposedShare, hurtShare: scenario.isNegative ? 0 : 1 }), scenario };
    },
  };
  const code = run(args, system);
  return { code, out: out.join(""), err: err.join(""), written };
}

const SMALL = ["--fleet", "300"];

describe("npm run simulate", () => {
  test("tells how it spread and how each strategy ends, and nothing on stderr that is not a terminal", () => {
    const { code, out, err } = said(SMALL);
    expect(code).toBe(0);
    expect(err).toBe("");
    expect(out).toContain("100 machines had taken it (33.3 %), 100 were hurt");
    for (const name of ["in stages", "all at once", "slow and careful", "no product"])
      expect(out).toContain(`\n${name} `);
    expect(out).toContain("No real device was reached");
    expect(said(SMALL, {}, true).err).toContain("recovery: in stages");
  });

  test("prints one JSON document with the curves", () => {
    const { code, out } = said([...SMALL, "--json"]);
    const report = JSON.parse(out) as { schema: string; recoveries: { strategy: string; curve: unknown[] }[] };
    expect(code).toBe(0);
    expect(report.schema).toBe("ringback.drill/1");
    expect(report.recoveries.map(({ strategy }) => strategy)).toEqual([
      "in stages",
      "all at once",
      "slow and careful",
      "no product",
    ]);
    for (const { curve } of report.recoveries) expect(curve.length).toBeGreaterThan(10);
  });

  test("writes a picture that says in words what it shows", () => {
    const { written, err } = said([...SMALL, "--svg", "curves.svg"]);
    const svg = written.get("curves.svg") ?? "";
    expect(err).toContain("curves.svg");
    expect(svg).toContain('<title id="title">How machines come back: A boot loop &lt;&amp;&gt;</title>');
    expect(svg).toContain("in stages: 100 machines hurt; half are back after");
    expect(svg).toContain("prefers-color-scheme: dark");
    expect(svg).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)|NaN|undefined/);
  });

  test("says that nothing had to be brought back where nothing is wrong", () => {
    const { code, out } = said([...SMALL, "--scenario", "nothing-wrong"]);
    expect(code).toBe(0);
    expect(out).toContain("nothing had to be brought back");
  });

  test("lists the scenarios", () => {
    expect(said(["--list"]).out).toMatch(/crowdstrike-2024\s+A boot loop/);
  });

  test("shows a bad fix that stops at the canary", () => {
    const { out } = said(["--fleet", "3000", "--bad-fix", "0.5"]);
    expect(out).toMatch(/in stages.*stopped; \d+ made worse/);
    expect(out).toContain("(canary)");
  });
});

describe("what cannot be carried out", () => {
  test.each([
    [["--scenario", "crowdstrik-2024"], 'There is no scenario "crowdstrik-2024". Did you mean crowdstrike-2024?'],
    [["--fleet", "many"], "Expected a whole number from 10"],
    [["--bad-fix", "30"], "Expected a share from 0 to 1"],
    [["--technicians", "3", "--technicians-per-site", "1"], "not both"],
    [["--strategy", "gone.yaml"], "gone.yaml could not be read"],
    [["--flet", "3"], "--fleet"],
  ])("%j is refused with the reason", (args, because) => {
    const { code, out, err } = said(args);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toContain(because);
  });

  test("a fault in a strategy is told by file, line and field", () => {
    const text = JSON.stringify(stagedStrategy(100).strategy, null, 2).replace('"bakeMs": 1200000', '"bakeMs": "long"');
    const line = text.split("\n").findIndex((one) => one.includes('"long"')) + 1;
    const { code, err } = said([...SMALL, "--strategy", "ours.json"], { "ours.json": text });
    expect(code).toBe(2);
    expect(err).toContain(`ours.json:${line}:`);
    expect(err).toContain("waves.0.gate.bakeMs");
  });

  test("a strategy that leaves machines out does not fit", () => {
    const { waves, ...rest } = stagedStrategy(100).strategy;
    const text = JSON.stringify({ ...rest, waves: waves.slice(0, 1) });
    const { code, err } = said([...SMALL, "--strategy", "ours.json"], { "ours.json": text });
    expect(code).toBe(2);
    expect(err).toContain("out. End with a wave that takes the rest");
  });

  test("a good strategy of one's own stands first", () => {
    const text = JSON.stringify(stagedStrategy(100).strategy);
    const { out } = said([...SMALL, "--strategy", "ours.json", "--json"], { "ours.json": text });
    expect((JSON.parse(out) as { recoveries: { strategy: string }[] }).recoveries[0]?.strategy).toBe("ours.json");
  });
});
