/** Which boot this is: what may change within a boot, and what may not. */
import { expect, test } from "vitest";
import {
  bootMode,
  bootOf,
  identityToUse,
  kernelIdentity,
  lastResume,
  readResume,
  resumeText,
  uptimeAt,
} from "../../../../agent/adapters/windows/boot-identity.ts";
import { BootId, type BootKind, LoggedBoot } from "../../../../protocol/boot.ts";

const BOOTED = 134_401_188_950_607_270n;
const YEAR = 365n * 24n * 3_600n * 10_000_000n;

test("a boot's identity can stand in a report", () => {
  expect(BootId.safeParse(kernelIdentity(BOOTED, 4_294_967_295)).success).toBe(true);
  expect(
    BootId.safeParse(bootOf(kernelIdentity(BOOTED, 7), { kind: "hybrid", atMs: 8_000_000_000_000_000 }).bootId).success,
  ).toBe(true);
});

test("a clock that was set by years makes no new boot, whatever the kernel says of its start then", () => {
  const kept = kernelIdentity(BOOTED, 17);
  expect(identityToUse(kept, kernelIdentity(BOOTED + 10n * YEAR, 17))).toBe(kept);
  expect(identityToUse(kept, kernelIdentity(BOOTED - 10n * YEAR, 17))).toBe(kept);
});

test("another count of starts is another boot, also with a clock that begins anew at each start", () => {
  expect(identityToUse(kernelIdentity(BOOTED, 17), kernelIdentity(BOOTED, 18))).toBe(kernelIdentity(BOOTED, 18));
});

test.each([undefined, "", "17", "boot-17", "1dd7d2bae307e2a-17 ", "../1dd7-17"])(
  "what is no identity is not taken for one: %j",
  (kept) => {
    expect(identityToUse(kept, kernelIdentity(BOOTED, 17))).toBe(kernelIdentity(BOOTED, 17));
  },
);

test("a resume is a boot of its own, of its own kind; the kernel's own start is a cold one", () => {
  const identity = kernelIdentity(BOOTED, 17);
  const boots = [
    bootOf(identity, undefined),
    bootOf(identity, { kind: "hybrid", atMs: 1 }),
    bootOf(identity, { kind: "hibernate-resume", atMs: 2 }),
  ];
  expect(boots.map(({ kind }) => kind)).toEqual(["cold", "hybrid", "hibernate-resume"]);
  expect(new Set(boots.map(({ bootId }) => bootId)).size).toBe(3);
});

test("the log tells of a resume only where the boot that runs is one", () => {
  const logged = (kind: BootKind, startedAt: number | null): LoggedBoot =>
    LoggedBoot.parse({ startedAt, endedAt: null, kind, ended: { kind: "unknown" } });
  expect(lastResume([])).toBeUndefined();
  expect(lastResume([logged("hybrid", 5), logged("cold", 6)])).toBeUndefined();
  expect(lastResume([logged("cold", 5), logged("unknown", 6)])).toBeUndefined();
  expect(lastResume([logged("cold", 5), logged("hybrid", null)])).toBeUndefined();
  expect(lastResume([logged("cold", 5), logged("hybrid", 6)])).toEqual({ kind: "hybrid", atMs: 6 });
  expect(lastResume([logged("hybrid", 6), logged("hibernate-resume", 9)])).toEqual({
    kind: "hibernate-resume",
    atMs: 9,
  });
});

test("a resume is kept in words that are read again, and nothing else is read for one", () => {
  const resume = { kind: "hybrid", atMs: 1_795_000_000_000, uptimeMs: 36_000_000 } as const;
  expect(readResume(resumeText(resume))).toEqual(resume);
  for (const text of [undefined, "", "cold 1 2", "hybrid 1", "hybrid -1 2", "hybrid 1 2 "])
    expect(readResume(text)).toBeUndefined();
});

test("the up-time of a resumed boot begins at the resume, also where the clock was set meanwhile", () => {
  expect(uptimeAt(1_000_000, 1_030_000, 50_000)).toBe(20_000);
  for (const now of [0, 1_000_000 + 10 * 365 * 86_400_000]) expect(uptimeAt(1_000_000, now, 50_000)).toBe(50_000);
});

test.each([
  [undefined, 0, false, "normal"],
  [1, 0, false, "safe-minimal"],
  [2, 0, false, "safe-network"],
  [3, 0, false, "safe-minimal"],
  [undefined, 1, false, "safe-minimal"],
  [undefined, 2, false, "safe-network"],
  [2, 1, false, "safe-network"],
  [7, 0, false, "normal"],
  [undefined, 0, true, "recovery"],
] as const)("option %j, metric %j, recovery %j: %s", (option, metric, isRecovery, mode) => {
  expect(bootMode(option, metric, isRecovery)).toBe(mode);
});
