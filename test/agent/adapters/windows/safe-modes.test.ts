/** One start in safe mode, on a boot configuration in memory: what is left by a power cut anywhere, and by bcdedit's moods. */
import { describe, expect, test } from "vitest";
import type { BitLockerState } from "../../../../agent/adapters/windows/bitlocker.ts";
import { bootEntries } from "../../../../agent/adapters/windows/boot-entries.ts";
import { safeModeForbidden, whySafeModeIsForbidden } from "../../../../agent/adapters/windows/safe-mode-forbidden.ts";
import { safeModes } from "../../../../agent/adapters/windows/safe-modes.ts";
import { BootStore, PowerWent, WINDOWS } from "../../../support/boot-store.ts";
import { FakeRegistry } from "../../../support/fake-registry.ts";

const OK = { kind: "ok", value: undefined };
const on = (store: BootStore, because?: string) => safeModes(bootEntries(store.run), async () => because);
const untouched = new BootStore().contents();

describe("a start in safe mode", () => {
  test.each(["minimal", "network"] as const)("%s once, and the start after it is normal", async (mode) => {
    const store = new BootStore();
    expect(await on(store).setOnce(mode)).toEqual(OK);
    expect(await on(store).next()).toEqual({ kind: "ok", value: mode });
    expect(store.manager()).toMatchObject({ default: [WINDOWS], displayorder: [WINDOWS] }); // no line in the menu
    expect(store.boot()?.["safeboot"]?.[0]?.toLowerCase()).toBe(mode);
    expect(store.boot()).not.toHaveProperty("safeboot");
    expect(await on(store).next()).toEqual(OK);
  });

  test("what Windows is started from is never changed, and nothing is left when it is cleared", async () => {
    const store = new BootStore();
    const before = JSON.stringify(store.entries.get(WINDOWS));
    await on(store).setOnce("minimal");
    expect(JSON.stringify(store.entries.get(WINDOWS))).toBe(before);
    expect(await on(store).clear()).toEqual(OK);
    expect(store.contents()).toBe(untouched);
  });

  test("asked for again in another mode, there is still one entry", async () => {
    const store = new BootStore();
    await on(store).setOnce("network");
    expect(await on(store).setOnce("minimal")).toEqual(OK);
    expect(await on(store).next()).toEqual({ kind: "ok", value: "minimal" });
    expect(store.entries.size).toBe(3);
  });

  test("is told from a start that nobody chose", async () => {
    const store = new BootStore();
    const ledHere = async () => on(store).hasLedHere();
    await on(store).setOnce("minimal");
    expect(await ledHere()).toEqual({ kind: "ok", value: false });
    store.boot();
    expect(await ledHere()).toEqual({ kind: "ok", value: true });
    store.boot();
    expect(await ledHere()).toEqual({ kind: "ok", value: false });
  });

  test("clearing where nothing was set does nothing", async () => {
    const store = new BootStore();
    expect(await on(store).clear()).toEqual(OK);
    expect(store.contents()).toBe(untouched);
  });
});

/** How many times bcdedit is called, so that the power can go at each of them. */
async function callsOf(act: (store: BootStore) => Promise<unknown>): Promise<number> {
  const store = new BootStore();
  await act(store);
  return store.calls;
}
const setOnce = (store: BootStore) => on(store).setOnce("minimal");
const setAndClear = async (store: BootStore) => {
  await setOnce(store);
  return on(store).clear();
};
const cutsOf = async (act: (store: BootStore) => Promise<unknown>) =>
  Array.from({ length: await callsOf(act) }, (_, call) => [
    { call, when: "before" as const },
    { call, when: "after" as const },
  ]).flat();

const setCuts = await cutsOf(setOnce);
const clearCuts = await cutsOf(setAndClear);

describe("when the power goes", () => {
  test.each(setCuts)("at call $call, $when it: set again, it is set, and once", async (cut) => {
    const store = new BootStore();
    store.cut = cut;
    await expect(setOnce(store)).rejects.toThrow(PowerWent);
    store.cut = undefined;
    expect(await setOnce(store)).toEqual(OK);
    expect(store.entries.size).toBe(3);
    expect(store.boot()).toHaveProperty("safeboot");
    expect(store.boot()).not.toHaveProperty("safeboot");
    expect(await on(store).clear()).toEqual(OK);
    expect(store.contents()).toBe(untouched);
  });

  test.each(clearCuts)("at call $call, $when it: no second start is in safe mode", async (cut) => {
    const store = new BootStore();
    store.cut = cut;
    await expect(setAndClear(store)).rejects.toThrow(PowerWent);
    store.cut = undefined;
    store.boot();
    expect(store.boot()).not.toHaveProperty("safeboot");
    expect(await on(store).clear()).toEqual(OK);
    expect(store.contents()).toBe(untouched);
  });
});

describe("what is not as it should be", () => {
  test("bcdedit says yes and does nothing", async () => {
    const store = new BootStore();
    store.mood = "lies";
    expect(await setOnce(store)).toMatchObject({ kind: "fault", fault: "verify-failed" });
  });

  test("bcdedit is not allowed to", async () => {
    const store = new BootStore();
    store.mood = "denies";
    const refused = await setOnce(store);
    expect(refused).toMatchObject({ kind: "fault", fault: "permission-denied" });
    expect(refused).toMatchObject({ because: expect.stringContaining("Acceso denegado") as string });
    expect(store.contents()).toBe(untouched);
  });

  test("another program has chosen what starts next: it is left alone", async () => {
    const store = new BootStore();
    store.manager()["bootsequence"] = ["{b2721d73-1db4-4c62-bf78-c548a880142d}"];
    const before = store.contents();
    expect(await setOnce(store)).toMatchObject({ kind: "fault", fault: "unexpected" });
    expect(store.contents()).toBe(before);
  });

  test("somebody made our entry the default: the machine keeps what it starts from", async () => {
    const store = new BootStore();
    await setOnce(store);
    const ours = [...store.entries.keys()][2] ?? "";
    store.manager()["default"] = [ours];
    expect(await on(store).clear()).toMatchObject({ kind: "fault", fault: "unexpected" });
    expect(store.entries.has(ours)).toBe(true);
  });

  test("safe mode that starts another shell is not copied", async () => {
    const store = new BootStore();
    store.entries.set(WINDOWS, { ...store.entries.get(WINDOWS), safebootalternateshell: ["Yes"] });
    expect(await setOnce(store)).toMatchObject({ kind: "fault", fault: "unexpected" });
    expect(store.boot()).not.toHaveProperty("safeboot");
  });

  test("where it is forbidden, bcdedit is not even asked", async () => {
    const store = new BootStore();
    expect(await on(store, "a domain controller").setOnce("minimal")).toMatchObject({ fault: "permission-denied" });
    expect(store.calls).toBe(0);
  });
});

describe("safe mode is forbidden", () => {
  const TPM = { kind: "tpm", pcrs: [7, 11], usesSecureBoot: true } as const;
  const MEASURED = { kind: "tpm", pcrs: [0, 2, 4, 11], usesSecureBoot: false } as const;
  const PASSWORD = { kind: "numerical-password", pcrs: [], usesSecureBoot: false } as const;
  const forbidden = (state: Partial<BitLockerState>, productType: string | undefined = "WinNT") =>
    safeModeForbidden({
      productType,
      bitLocker: {
        kind: "ok",
        value: { protection: "on", encryptedPercent: 100, protectors: [TPM], validatesSafeBoot: false, ...state },
      },
    });

  test.each([
    ["a domain controller", {}, "LanmanNT", /domain controller/],
    ["a PIN", { protectors: [{ ...TPM, kind: "tpm-and-pin" as const }, PASSWORD] }, "WinNT", /PIN/],
    ["a start-up key", { protectors: [{ ...TPM, kind: "tpm-and-more" as const }, PASSWORD] }, "WinNT", /bring/],
    ["a password alone", { protectors: [PASSWORD] }, "WinNT", /bring/],
    ["a policy on measured boots", { protectors: [MEASURED], validatesSafeBoot: true }, "WinNT", /recovery key/],
  ])("with %s", (_, state, productType, words) => {
    expect(forbidden(state, productType)).toMatch(words);
  });

  test.each([
    ["Secure Boot vouches for the start", {}],
    ["Secure Boot vouches, whatever the policy adds", { validatesSafeBoot: true }],
    ["boots are measured and no policy adds safe mode", { protectors: [MEASURED, PASSWORD] }],
    [
      "protection is suspended",
      { protection: "suspended" as const, protectors: [{ ...TPM, kind: "tpm-and-pin" as const }] },
    ],
  ])("not where %s", (_, state) => {
    expect(forbidden(state)).toBeUndefined();
  });

  test("what is not known forbids it", () => {
    const bitLocker = { kind: "fault", fault: "unexpected", because: "manage-bde ended with 5" } as const;
    expect(safeModeForbidden({ productType: "WinNT", bitLocker })).toMatch(/manage-bde/);
    expect(safeModeForbidden({ productType: undefined, bitLocker })).toMatch(/domain controller/);
  });

  test("read from the machine: policy, exit code and shape, in German", async () => {
    const registry = new FakeRegistry()
      .set("HKLM\\SYSTEM\\CurrentControlSet\\Control\\ProductOptions", "ProductType", "WinNT")
      .set("HKLM\\SOFTWARE\\Policies\\Microsoft\\FVE", "OSUseEnhancedBcdProfile", 1)
      .set("HKLM\\SOFTWARE\\Policies\\Microsoft\\FVE", "OSBcdAdditionalSecurityCriticalSettings", ["winload:safeboot"]);
    const status = 'Volume "C:" []\n[Betriebssystemvolume]\n    Verschlüsselt (Prozent): 100,0 %\n';
    const protectors =
      "Alle\n    TPM:\n      ID: {8D5EBA20-3A5B-4F0F-8D0E-0E3C6D0A7B11}\n      PCR-Validierungsprofil:\n        0, 2, 4, 11\n";
    const run = async (_: string, args: readonly string[]) => {
      const stdout = args[0] === "-status" ? status : protectors;
      return { kind: "ok", value: { exitCode: 0, stdout, stderr: "" } } as const;
    };
    expect(await whySafeModeIsForbidden(run, registry, "C:")).toMatch(/recovery key/);
  });
});
