/** Versions that a product writes into the registry: told like files, noticed at the next look, never lost by not looking. */
import { expect, test } from "vitest";
import { ContentSource } from "../../../protocol/content-source.ts";
import { RegistryKey, type RegistryValue } from "../../../protocol/registry.ts";
import { registryVersionDigest } from "../../../protocol/registry-version.ts";
import { FakeMachine } from "../../support/fake-machine.ts";
import { anInMemoryAgent } from "../../support/in-memory-agent.ts";

const KEY = RegistryKey.parse("HKLM\\SOFTWARE\\Acme\\Updates");
const PLACE = `${KEY}\\Version`;
const SOURCE = ContentSource.parse({
  id: "acme.definitions",
  title: "Acme definitions",
  files: [],
  label: { kind: "digest" },
  registry: [{ key: KEY, name: "Version", what: "the version" }],
});
const text = (version: string): RegistryValue => ({ kind: "string", text: version });
const digest = (version: string) =>
  registryVersionDigest({ source: SOURCE.id, key: KEY, name: "Version", value: text(version) }).sha256;

async function anAgentOn(machine: FakeMachine) {
  const agent = await anInMemoryAgent(machine, [], { sources: [SOURCE], watchEveryMs: 10_000 });
  const told = () =>
    agent.heard.flatMap(({ body }) =>
      body.kind === "content-changed" ? [[body.entry.change, body.entry.version.label, body.entry.version.sha256]] : [],
    );
  return { ...agent, told };
}
const put = (machine: FakeMachine, value: RegistryValue): unknown =>
  machine.parts.registry.set(PLACE.toLowerCase(), value);

test("a version in the registry is in the boot report, and a new one is told within a look", async () => {
  const machine = new FakeMachine();
  put(machine, text("1.2.3"));
  const { heard, told } = await anAgentOn(machine);
  await machine.advance(1_000);
  const boot = heard.flatMap(({ body }) => (body.kind === "boot-began" ? [body.boot] : []))[0];
  expect(boot?.content).toMatchObject([{ source: SOURCE.id, label: "1.2.3", path: PLACE, sha256: digest("1.2.3") }]);

  put(machine, text("1.2.4"));
  await machine.advance(10_000);
  expect(told()).toEqual([
    ["appeared", "1.2.3", digest("1.2.3")],
    ["disappeared", "1.2.3", digest("1.2.3")],
    ["appeared", "1.2.4", digest("1.2.4")],
  ]);
  // What was told stands in the ledger.
  expect(machine.logs.content.join("\n")).toContain(digest("1.2.4"));
});

test("a value that cannot be read keeps the state it had, and one that is gone is told", async () => {
  const machine = new FakeMachine();
  put(machine, text("1.2.3"));
  const { told } = await anAgentOn(machine);
  await machine.advance(1_000);
  machine.parts.faults.set("registry.read", { kind: "fault", fault: "permission-denied", because: "a test" });
  await machine.advance(30_000);
  expect(told()).toHaveLength(1);
  machine.parts.faults.delete("registry.read");
  machine.parts.registry.delete(PLACE.toLowerCase());
  await machine.advance(10_000);
  expect(told().at(-1)).toEqual(["disappeared", "1.2.3", digest("1.2.3")]);
});

test("the same value has the same identity on every machine, and another value, name or source another", () => {
  const of = (over: object): string =>
    registryVersionDigest({ source: SOURCE.id, key: KEY, name: "Version", value: text("1"), ...over }).sha256;
  const others = [
    { value: text("2") },
    { name: "Other" },
    { source: "acme.engine" },
    { value: { kind: "dword", number: 1 } },
  ];
  expect(new Set([of({}), ...others.map(of)]).size).toBe(5);
  expect(of({})).toBe(digest("1"));
});
