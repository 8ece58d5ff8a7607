import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readCatalogue } from "../../agent/adapters/catalogue.ts";
import { admit } from "../../agent/core/admission.ts";
import { forbiddenBecause } from "../../agent/core/protection.ts";
import type { BootMode } from "../../agent/core/safe-mode.ts";
import { bind, type FaultyVersion } from "../../controller/library/bind.ts";
import { loadLibrary, readEntry } from "../../controller/library/load.ts";
import { referenceOf } from "../../controller/library/reference.ts";
import { ContentSourceId } from "../../protocol/content.ts";
import type { LibraryParameters, LibraryPlaybook } from "../../protocol/library.ts";
import { RegistryKey } from "../../protocol/registry.ts";
import { admissionFacts, aSignedOrder } from "../support/signed-order.ts";
import { aPolicy, aTrust } from "../support/trust.ts";

const LIBRARY = loadLibrary();
const entries = LIBRARY.map(({ entry }) => entry);
const named = (name: string): LibraryPlaybook => {
  const entry = entries.find((each) => each.name === name);
  if (entry === undefined) throw new Error(`there is no ${name}`);
  return entry;
};

const FOLDER = "C:\\Windows\\System32\\drivers\\CrowdStrike";
const aFaulty = (over: Partial<FaultyVersion> = {}): FaultyVersion => ({
  source: ContentSourceId.parse("crowdstrike.channel-291"),
  sha256: "a".repeat(64),
  label: "00000032",
  path: `${FOLDER}\\C-00000291-00000000-00000032.sys`,
  ...over,
});
/** All that a person may be asked for. */
const SAID: LibraryParameters = {
  update: "KB5009624",
  definitions: "1.381.2140.0",
  service: "AcmeService",
  "lost.file": "C:\\ProgramData\\Acme\\lost.dll",
  "lost.sha256": "b".repeat(64),
  "lost.threat": "Trojan:Win32/Wacatac.B!ml",
  "fix.update": "KB5010794",
  "fix.file": "C:\\ProgramData\\Fixes\\fix.msu",
  "fix.sha256": "c".repeat(64),
  "driver.package": "acme.inf",
  "driver.provider": "Acme",
  "driver.version": "10.0.1.1",
};
const boundOf = (entry: LibraryPlaybook) => {
  const bound = bind(entry, [aFaulty()], SAID);
  if (bound.kind !== "bound") throw new Error(`${entry.name}: ${JSON.stringify(bound)}`);
  return bound.playbook;
};
const withSteps = entries.filter(({ steps }) => steps !== undefined);

test("there is an entry for every incident of the table, each with a drill", () => {
  const rows = [
    "crowdstrike-2024",
    "mcafee-5958-2010",
    "symantec-sonar-2012",
    "sophos-shh-2012",
    "webroot-2017",
    "defender-asr-2023",
    "bitdefender-2010",
    "panda-2015",
    "trend-micro-2005",
    "trend-micro-2008",
    "avg-2008",
    "kaspersky-2013",
    "avast-2012",
    "dc-lsass-2022",
    "kb5034441-2024",
    "kb5058379-2025",
    "sentinelone-2025",
  ];
  const drills = new Set(entries.map(({ drill }) => drill));
  expect(rows.filter((row) => !drills.has(row))).toEqual([]);
});

test.each(withSteps)("$name: an agent takes its steps under a policy that allows the source", (entry) => {
  const registryKeys = [RegistryKey.parse("HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows Defender")];
  const policy = aPolicy({ sources: aPolicy().sources.map((of) => ({ ...of, registryKeys })) });
  const facts = admissionFacts({
    belief: { trust: aTrust(), policy },
    allowedRegistryKeys: registryKeys,
    allowedRoots: ["C:\\Windows\\System32\\drivers", "C:\\ProgramData"],
  });
  expect(admit(aSignedOrder({ steps: boundOf(entry).steps }), facts)).toMatchObject({ kind: "accepted" });
});

test.each(withSteps)(
  "$name: its steps are permitted where they are done, or it says what has to be there first",
  (entry) => {
    let mode: BootMode = "normal";
    let isNext = false;
    for (const step of boundOf(entry).steps) {
      if (step.kind === "set-safe-mode") isNext = true;
      if (step.kind === "reboot") {
        mode = isNext ? "safe-minimal" : "normal";
        isNext = false;
      }
      for (const id of entry.sources) {
        if (forbiddenBecause(readCatalogue().get(id), step, mode) === undefined) continue;
        expect(entry.needs, `${step.kind} of ${id}`).not.toEqual([]);
        expect(entry.permits.join(" "), `${step.kind} of ${id}`).toMatch(/not among what is known to be permitted/);
      }
    }
  },
);

test.each(withSteps)("$name: whoever takes an update off blocks it, and what restarts proves a good start", (entry) => {
  const kinds = boundOf(entry).steps.map(({ kind }) => kind);
  expect(kinds.includes("reboot")).toBe(entry.restarts);
  expect(kinds.at(-1) === "await-healthy").toBe(entry.restarts);
});

test("where nothing can be rolled back, the entry has no steps, and says why and what to do instead", () => {
  for (const name of ["windows-recovery-partition", "sentinelone-console", "webroot-verdicts"]) {
    const bound = bind(named(name), [aFaulty()], SAID);
    const told = bound.kind === "no-rollback" ? [bound.because, ...bound.instead] : [];
    expect(told.length).toBeGreaterThan(1);
  }
});

test("a version of which only the name is known leaves the file open, and nothing is guessed", () => {
  const bound = bind(named("content-file"), [aFaulty({ path: null })], {});
  expect(bound).toEqual({
    kind: "missing",
    missing: [expect.stringMatching(/^version\.files: .*no device has shown/)],
  });
});

test("an update's number is taken from the version's name, and asked for where the name says none", () => {
  const source = ContentSourceId.parse("windows.updates");
  const remove = named("windows-update-remove");
  expect(bind(remove, [aFaulty({ source, label: "KB5009557" })], {})).toMatchObject({
    kind: "bound",
    playbook: { steps: [{ update: "KB5009557" }, { update: "KB5009557" }, {}, {}] },
  });
  expect(bind(remove, [aFaulty({ source })], {})).toMatchObject({ missing: [expect.stringMatching(/^update: /)] });
  expect(bind(remove, [aFaulty({ source })], { update: "C:\\evil" })).toMatchObject({
    missing: [expect.stringMatching(/^update: .*not that/)],
  });
});

test("versions that travel together are all put away; another product's digest is in no step", () => {
  const other = aFaulty({ source: ContentSourceId.parse("acme.content-7"), sha256: "e".repeat(64) });
  const bound = bind(named("crowdstrike-channel-file"), [aFaulty(), aFaulty({ sha256: "d".repeat(64) }), other], {});
  const digests = ["a".repeat(64), "d".repeat(64)];
  expect(bound).toMatchObject({
    playbook: {
      source: "crowdstrike.channel-291",
      steps: [{}, {}, { files: `${FOLDER}\\*.sys`, where: { sha256: digests } }, {}, {}],
    },
  });
});

const GOOD = LIBRARY.find(({ entry }) => entry.name === "content-file")?.yaml ?? "";
test.each([
  ["kind: quarantine-file", "kind: run-a-script", /^content-file\.yaml:\d+:\d+ steps\.0/],
  ["noticeMs: 300000", "noticeMs: soon", /^content-file\.yaml:\d+:\d+ steps\.1\.noticeMs: /],
  ["${version.sha256}", "${version.name}", /^content-file\.yaml:\d+:\d+ steps: .*version\.name/],
  ["restarts: true", "restarts: false", /^content-file\.yaml:\d+:\d+ restarts: /],
  ["drill: crowdstrike-2024", "drill: [", /^content-file\.yaml:\d+:\d+ /],
  ["name: content-file", "name: another", /^content-file\.yaml:2:\d+ name: /],
])("an entry with a fault is refused with file, line and path: %s", (good, bad, said) => {
  const read = readEntry("content-file.yaml", GOOD.replace(good, bad));
  expect("faults" in read ? read.faults.join("\n") : "nothing").toMatch(said);
});

test("the committed page says what the library says; `npm run docs:playbooks` writes it", () => {
  const committed = new URL("../../docs/reference/playbooks.md", import.meta.url);
  expect(readFileSync(committed, "utf8")).toBe(referenceOf(LIBRARY));
});
