/** Holding a source: what stood there before comes back, whenever the power went and whoever else sets something. */
import { describe, expect, test } from "vitest";
import { type HoldParts, windowsHolds } from "../../../../agent/adapters/windows/holds.ts";
import { ContentSource } from "../../../../protocol/content-source.ts";
import { ContentSourceId } from "../../../../protocol/content.ts";
import type { ServiceStart } from "../../../../protocol/playbook.ts";
import type { RegistryKey, RegistryValue } from "../../../../protocol/registry.ts";

const KEY = "HKLM\\SOFTWARE\\Policies\\Acme" as RegistryKey;
const ONE: RegistryValue = { kind: "dword", number: 1 };
const OK = { kind: "ok" };
const aSource = (id: string, hold?: unknown): ContentSource =>
  ContentSource.parse({ id, title: `the source ${id}`, files: [], label: { kind: "digest" }, hold });
const VALUES = ["A", "B"].map((name) => ({ key: KEY, name, value: ONE }));
const SOURCES = [
  aSource("by-registry", { kind: "registry", values: VALUES }),
  aSource("by-same-registry", { kind: "registry", values: VALUES.slice(0, 1) }),
  aSource("by-service", { kind: "service", service: "AcmeUpdate" }),
  aSource("by-same-service", { kind: "service", service: "acmeupdate" }),
  aSource("by-missing-service", { kind: "service", service: "NoSuch" }),
  aSource("by-vendor", { kind: "vendor", how: "Use the console." }),
  aSource("by-nothing"),
];
const id = (text: string): ContentSourceId => ContentSourceId.parse(text);

class PowerLost extends Error {}

/** What a machine keeps, with the power going at the effect that is named. */
class Machine {
  readonly values = new Map<string, RegistryValue>([["a", { kind: "string", text: "was here" }]]);
  service: { start: ServiceStart; running: boolean } = { start: "automatic", running: true };
  /** Services that need it. */
  readonly others = new Map([
    ["AcmeUi", true],
    ["AcmeOff", false],
  ]);
  /** The next start of a service fails. */
  cannotStart = false;
  memory = {};
  effects = 0;
  cutAt = Number.POSITIVE_INFINITY;

  get state(): unknown {
    return { values: Object.fromEntries(this.values), service: { ...this.service }, others: [...this.others] };
  }

  private effect(work: () => void): { readonly kind: "ok"; readonly value: undefined } {
    if (this.effects++ === this.cutAt) throw new PowerLost();
    work();
    return { kind: "ok", value: undefined };
  }

  readonly parts: HoldParts = {
    registry: {
      read: async (_key, name) => ({ kind: "ok", value: this.values.get(name.toLowerCase()) }),
      writtenAt: async () => ({ kind: "ok", value: undefined }),
      write: async (_key, name, value) => this.effect(() => void this.values.set(name.toLowerCase(), value)),
      remove: async (_key, name) => this.effect(() => void this.values.delete(name.toLowerCase())),
    },
    services: {
      services: async (names) => names.map((name) => ({ name, running: this.service.running })),
      serviceStart: async (name) => ({ kind: "ok", value: name === "NoSuch" ? undefined : this.service.start }),
      setServiceStart: async (_name, start) => this.effect(() => void (this.service = { ...this.service, start })),
      dependents: async () => ({ kind: "ok", value: [...this.others.keys()].filter((name) => this.others.get(name)) }),
      stop: async () =>
        this.effect(() => {
          this.service = { ...this.service, running: false };
          for (const name of this.others.keys()) this.others.set(name, false);
        }),
      start: async (name) => {
        if (this.cannotStart) {
          this.cannotStart = false;
          return { kind: "fault", fault: "timed-out", because: "it did not start in time" };
        }
        if (this.others.has(name)) return this.effect(() => void this.others.set(name, true));
        return this.effect(() => void (this.service = { ...this.service, running: true }));
      },
    },
    source: async (wanted) => SOURCES.find((source) => source.id === wanted),
    memory: {
      read: async () => structuredClone(this.memory),
      write: async (before) => void this.effect(() => (this.memory = structuredClone(before))),
    },
  };
  readonly holds = windowsHolds(this.parts);
}

describe.each(["by-registry", "by-service"])("a source held %s", (name) => {
  test("is held, also if that is done twice, and everything is back when it is released", async () => {
    const machine = new Machine();
    const before = machine.state;
    for (let i = 0; i < 2; i++) expect(await machine.holds.hold(id(name))).toMatchObject(OK);
    expect(await machine.holds.isHeld(id(name))).toEqual({ kind: "ok", value: true });
    expect(machine.state).not.toEqual(before);
    for (let i = 0; i < 2; i++) expect(await machine.holds.releaseHold(id(name))).toMatchObject(OK);
    expect(machine.state).toEqual(before);
    expect(await machine.holds.isHeld(id(name))).toEqual({ kind: "ok", value: false });
    expect(machine.memory).toEqual({});
  });

  test.each([0, 1, 2, 3, 4, 5, 6, 7])(
    "is as it was after a release, though the power went at effect %d",
    async (cutAt) => {
      const machine = new Machine();
      const before = machine.state;
      machine.cutAt = cutAt;
      const whole = async (): Promise<void> => {
        await machine.holds.hold(id(name));
        await machine.holds.releaseHold(id(name));
      };
      await whole().catch((error: unknown) => {
        if (!(error instanceof PowerLost)) throw error;
      });
      machine.cutAt = Number.POSITIVE_INFINITY;
      await machine.holds.hold(id(name)); // as the agent does at its start, for what it holds
      await machine.holds.releaseHold(id(name));
      expect(machine.state).toEqual(before);
      expect(machine.memory).toEqual({});
    },
  );
});

test.each([
  ["by-registry", "by-same-registry"],
  ["by-service", "by-same-service"],
])("two sources held by the same means: it stays until both are released", async (first, second) => {
  const machine = new Machine();
  const before = machine.state;
  await machine.holds.hold(id(first));
  await machine.holds.hold(id(second));
  await machine.holds.releaseHold(id(first));
  expect(await machine.holds.isHeld(id(second))).toEqual({ kind: "ok", value: true });
  await machine.holds.releaseHold(id(second));
  expect(machine.state).toEqual(before);
});

test("a service that does not start at once when it is released is started by the next try", async () => {
  const machine = new Machine();
  const before = machine.state;
  await machine.holds.hold(id("by-service"));
  machine.cannotStart = true;
  expect(await machine.holds.releaseHold(id("by-service"))).toMatchObject({ kind: "fault", fault: "timed-out" });
  expect(await machine.holds.releaseHold(id("by-service"))).toMatchObject(OK);
  expect(machine.state).toEqual(before);
});

test("what somebody else has set since then stays", async () => {
  const machine = new Machine();
  await machine.holds.hold(id("by-registry"));
  machine.values.set("a", { kind: "dword", number: 7 });
  expect(await machine.holds.isHeld(id("by-registry"))).toEqual({ kind: "ok", value: false });
  await machine.holds.releaseHold(id("by-registry"));
  expect([...machine.values]).toEqual([["a", { kind: "dword", number: 7 }]]);
});

test.each([
  ["by-vendor", "Use the console."],
  ["by-nothing", "nothing is known"],
  ["by-missing-service", "no service NoSuch"],
  ["no-such-source", "knows no content source"],
])("%s is not possible here, and nothing is changed", async (name, because) => {
  const machine = new Machine();
  const held = await machine.holds.hold(id(name));
  expect(held).toMatchObject({ kind: "fault", fault: "unexpected" });
  expect(held.kind === "fault" ? held.because : "").toContain(because);
  expect(machine.effects).toBe(0);
});
