/** The registry, services and boots of a Windows machine, as far as Wine is one. */
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { KernelBoot, Result } from "../../agent/ports.ts";
import type { RegistryValue } from "../../protocol/registry.ts";
import { until } from "../support/until.ts";
import { WineMachine, whyNoWine } from "../support/wine.ts";
import type { Call } from "./programs/system.ts";

const OK = { kind: "ok" };
const ACME = "HKLM\\SOFTWARE\\Acme\\Sensor\\Settings";
const SPOOLER = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\Spooler";

describe.skipIf(whyNoWine() !== undefined)("the system under Wine", () => {
  let machine: WineMachine;
  beforeAll(async () => {
    machine = await WineMachine.create();
  });
  afterAll(() => machine?.remove());

  let asked = 0;
  /** All calls in one process, as starting one takes a second. */
  async function ask(...calls: readonly Call[]): Promise<readonly unknown[]> {
    const file = `C:\\calls-${asked++}.json`;
    await writeFile(machine.at(file), JSON.stringify(calls));
    const { output } = await machine.node("test/wine/programs/system.ts", [file]);
    try {
      return JSON.parse(output) as unknown[];
    } catch {
      throw new Error(output);
    }
  }
  const askOne = async (call: Call): Promise<unknown> => (await ask(call))[0];

  test("every kind of value comes back as it was written, in keys made for it, until it is removed", async () => {
    const values: readonly RegistryValue[] = [
      { kind: "string", text: "Grüße, 世界 €" },
      { kind: "string", text: "" },
      { kind: "expand-string", text: "%SystemRoot%\\x" },
      { kind: "dword", number: 0xffff_ffff },
      { kind: "multi-string", lines: ["a", "b c"] },
      { kind: "multi-string", lines: [] },
      { kind: "binary", hex: "00ff10" },
      { kind: "binary", hex: "" },
    ];
    const at = { key: ACME, name: "Value" };
    const answers = await ask(
      { do: "read", ...at },
      ...values.flatMap((value): readonly Call[] => [
        { do: "write", ...at, value },
        { do: "read", ...at },
      ]),
      { do: "subkeys", key: "HKLM\\SOFTWARE\\Acme" },
      { do: "written-at", key: ACME },
      { do: "written-at", key: "HKLM\\SOFTWARE\\NoSuch" },
      { do: "remove", ...at },
      { do: "read", ...at },
      { do: "remove", ...at },
      { do: "remove", key: "HKLM\\SOFTWARE\\NoSuch\\Key", name: "Value" },
      { do: "write", key: ACME, name: "", value: { kind: "string", text: "default" } },
      { do: "read", key: ACME.toLowerCase().replace("hklm", "HKLM"), name: "" },
    );
    expect(answers).toEqual([
      OK,
      ...values.flatMap((value) => [OK, { kind: "ok", value }]),
      { kind: "ok", value: ["Sensor"] },
      { kind: "ok", value: expect.toSatisfy((at: number) => Math.abs(Date.now() - at) < 3_600_000) as number },
      OK,
      OK,
      OK,
      OK,
      OK,
      OK,
      { kind: "ok", value: { kind: "string", text: "default" } },
    ]);
  });

  test("a value that could not be put back is a fault, and is left as it is", async () => {
    const raw = [
      { name: "quadword", type: 11, hex: "0102030405060708" },
      { name: "short number", type: 4, hex: "0102" },
      { name: "control letters", type: 1, hex: "0a000000" },
      { name: "too long", type: 3, hex: "00".repeat(3_000) },
    ];
    const answers = await ask(
      ...raw.flatMap(({ name, type, hex }): readonly Call[] => [
        { do: "write-raw", key: ACME, name, type, hex },
        { do: "read", key: ACME, name },
      ]),
    );
    expect(answers).toMatchObject(raw.flatMap(() => [0, { kind: "fault", fault: "unexpected" }]));
  });

  test("nothing is read or written through a link, but through Windows' own", async () => {
    const value: RegistryValue = { kind: "dword", number: 1 };
    const [, ...answers] = await ask(
      { do: "make-link", parent: "HKLM\\SOFTWARE\\Acme", name: "Astray", to: "SYSTEM\\Select" },
      { do: "read", key: "HKLM\\SOFTWARE\\Acme\\Astray", name: "Current" },
      { do: "write", key: "HKLM\\SOFTWARE\\Acme\\Astray", name: "Made", value },
      { do: "write", key: "HKLM\\SOFTWARE\\Acme\\Astray\\Below", name: "Made", value },
      { do: "remove", key: "HKLM\\SOFTWARE\\Acme\\Astray", name: "Current" },
      { do: "read", key: "HKLM\\SYSTEM\\Select", name: "Made" },
      { do: "write", key: SPOOLER, name: "Made", value },
      { do: "read", key: SPOOLER, name: "Made" },
      { do: "remove", key: SPOOLER, name: "Made" },
    );
    const astray = { kind: "fault", fault: "path-escapes" };
    expect(answers).toMatchObject([astray, astray, astray, astray, OK, OK, { kind: "ok", value }, OK]);
    expect(answers[4]).toEqual(OK);
  });

  test("says and sets how services and drivers start", async () => {
    const answers = await ask(
      { do: "service-start", name: "MountMgr" },
      { do: "set-service-start", name: "MountMgr", start: "boot" },
      { do: "service-start", name: "mountmgr" },
      { do: "set-service-start", name: "MountMgr", start: "system" },
      { do: "service-start", name: "MountMgr" },
      { do: "set-service-start", name: "Spooler", start: "disabled" },
      { do: "service-start", name: "Spooler" },
      { do: "restart-service", name: "Spooler" },
      { do: "set-service-start", name: "Spooler", start: "system" },
      { do: "service-start", name: "Spooler" },
      { do: "service-start", name: "NoSuchService" },
      { do: "set-service-start", name: "NoSuchService", start: "manual" },
    );
    expect(answers).toMatchObject([
      { kind: "ok", value: "automatic" },
      OK,
      { kind: "ok", value: "boot" },
      OK,
      { kind: "ok", value: "system" },
      OK,
      { kind: "ok", value: "disabled" },
      { kind: "fault", fault: "unexpected" },
      { kind: "fault", fault: "unexpected" },
      { kind: "ok", value: "disabled" },
      OK,
      { kind: "fault", fault: "not-found" },
    ]);
  });

  test("restarts a service, and starts one that stands still", async () => {
    const state = { do: "service-state", name: "Spooler" } as const;
    const answers = await ask(
      { do: "set-service-start", name: "Spooler", start: "manual" },
      state,
      { do: "restart-service", name: "Spooler" },
      state,
      { do: "restart-service", name: "Spooler" },
      state,
      { do: "restart-service", name: "NoSuchService" },
    );
    const running = [{ name: "Spooler", running: true }];
    expect(answers).toMatchObject([
      OK,
      [{ name: "Spooler", running: false }],
      OK,
      running,
      OK,
      running,
      { kind: "fault", fault: "not-found" },
    ]);
  });

  test("of two agents on one machine the second is refused, until the first is gone, killed as it may be", async () => {
    const only = { do: "be-the-only-one", folder: "C:\\" } as const;
    const first = ask(only, { do: "say", file: "C:\\held" }, { do: "die-after", file: "C:\\enough" }).catch(
      () => undefined,
    );
    await until("the first to hold the machine", () => existsSync(machine.at("C:\\held")) || undefined);
    expect(await askOne(only)).toContain("another agent already runs on this machine");
    await writeFile(machine.at("C:\\enough"), "");
    await first;
    expect(await askOne(only)).toBe("done");
    expect(await askOne({ ...only, folder: "C:\\no-such-folder" })).toContain("cannot be known");
  });

  test("does not take Windows' word for a restart: Wine says yes and does nothing", async () => {
    const answers = await ask({ do: "restart", noticeMs: 60_000 }, { do: "consent" });
    expect(answers).toMatchObject([{ kind: "fault" }, "nobody-there"]);
  });

  test("a boot is the same for every process in it and another after the power went; safe mode is seen", async () => {
    const boot = async (): Promise<KernelBoot> => (await askOne({ do: "boot" })) as KernelBoot;
    const [first, again] = [await boot(), await boot()];
    expect(again.bootId).toBe(first.bootId);
    expect(first).toMatchObject({ kind: "cold", mode: "normal" });
    const resumed = { do: "remember-resume", atMs: first.bootedAt + 1_000 } as const;
    const [isNew, isNewAgain, woken] = await ask(resumed, resumed, { do: "boot" });
    expect([isNew, isNewAgain]).toEqual([true, false]);
    expect(woken).toMatchObject({ bootId: `${first.bootId}.${resumed.atMs}`, kind: "hybrid", bootedAt: resumed.atMs });
    const option = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\SafeBoot\\Option";
    const set = await askOne({
      do: "write",
      key: option,
      name: "OptionValue",
      value: { kind: "dword", number: 2 },
    });
    expect(set as Result<void>).toEqual(OK);
    await machine.powerOff();
    await machine.powerOn();
    const next = await boot();
    expect(next.bootId).not.toContain(first.bootId);
    expect(next.kind).toBe("cold");
    expect(next.bootedAt).toBeGreaterThan(first.bootedAt);
    expect(next.mode).toBe("safe-network");
  });
});
