/**
 * What single records of the System log say of a boot: that it began, of which kind it is, how the one before it ended.
 *
 * Pure. Looks at names and numbers, not at text for people, but for the one fact that Windows says in words alone (1074).
 * Takes providers in any case: Windows itself writes both `USER32` and `User32`.
 */
import type { Bugcheck } from "../../protocol/boot.ts";
import type { Instant } from "../../protocol/time.ts";
import { type EventRecord, readInstant } from "./event-record.ts";

/** `at` is when the record was written, by the device's clock. */
export type BootMark = { readonly at: Instant | null } & (
  | { readonly kind: "kernel-started"; readonly startedAt: Instant | null }
  /** The event log's service began; `sign` tells its records apart, each of which a start writes at most once. */
  | {
      readonly kind: "log-started";
      readonly sign: "start" | "version" | "unexpected-end";
      readonly lastAlive: Instant | null;
    }
  | { readonly kind: "boot-type"; readonly type: "cold" | "hybrid" | "hibernate-resume" | "unknown" }
  | { readonly kind: "last-shutdown"; readonly good: boolean }
  /** The kernel found no sign of an orderly end; the bugcheck is null where it knows of none, undefined if illegible. */
  | { readonly kind: "dirty-start"; readonly bugcheck: Bugcheck | null | undefined }
  | { readonly kind: "bugcheck-reported"; readonly bugcheck: Bugcheck }
  /** Undefined: in words that are not known. */
  | { readonly kind: "end-asked-for"; readonly action: "off" | undefined }
  | { readonly kind: "end-called-off" }
  | { readonly kind: "power-action"; readonly action: "restart" | "off" }
  | { readonly kind: "kernel-stopped"; readonly stoppedAt: Instant | null }
  | { readonly kind: "log-stopped" }
  | { readonly kind: "going-to-sleep" }
);

export function markOf(record: EventRecord): BootMark | undefined {
  if (!isOfBoots(record.provider, record.eventId)) return undefined;
  return READERS[`${record.provider.toLowerCase()} ${record.eventId}`]?.(record);
}

/** Whether such a record can be a mark, for readers that would else read its data for nothing. */
export const isOfBoots = (provider: string, eventId: number): boolean =>
  Object.hasOwn(READERS, `${provider.toLowerCase()} ${eventId}`);

type Reader = (record: EventRecord) => BootMark | undefined;

const logStarted =
  (sign: "start" | "version"): Reader =>
  ({ time }) => ({ kind: "log-started", sign, at: time, lastAlive: null });

const bugcheckReport: Reader = ({ time, data, values }) => {
  const bugcheck = bugcheckInText(data.get("param1") ?? values[0]);
  return bugcheck === undefined ? undefined : { kind: "bugcheck-reported", at: time, bugcheck };
};

const READERS: Readonly<Record<string, Reader>> = {
  "microsoft-windows-kernel-general 12": ({ time, data }) => ({
    kind: "kernel-started",
    at: time,
    startedAt: readInstant(data.get("StartTime")) ?? time,
  }),
  "microsoft-windows-kernel-general 13": ({ time, data }) => ({
    kind: "kernel-stopped",
    at: time,
    stoppedAt: readInstant(data.get("StopTime")) ?? time,
  }),
  "microsoft-windows-kernel-boot 20": ({ time, data }) => {
    const good = data.get("LastShutdownGood")?.toLowerCase();
    if (good !== "true" && good !== "false") return undefined;
    return { kind: "last-shutdown", at: time, good: good === "true" };
  },
  "microsoft-windows-kernel-boot 27": ({ time, data }) => ({
    kind: "boot-type",
    at: time,
    type: BOOT_TYPES[String(numberOf(data.get("BootType")))] ?? "unknown",
  }),
  "microsoft-windows-kernel-power 41": ({ time, data }) => ({
    kind: "dirty-start",
    at: time,
    bugcheck: bugcheckInFields(data),
  }),
  "microsoft-windows-kernel-power 42": ({ time }) => ({ kind: "going-to-sleep", at: time }),
  "microsoft-windows-kernel-power 109": ({ time, data }) => {
    const action = POWER_ACTIONS[String(numberOf(data.get("ShutdownActionType")))];
    return action === undefined ? undefined : { kind: "power-action", at: time, action };
  },
  "microsoft-windows-wer-systemerrorreporting 1001": bugcheckReport,
  "bugcheck 1001": bugcheckReport,
  "user32 1073": ({ time }) => ({ kind: "end-called-off", at: time }), // it was refused
  "user32 1074": ({ time, data, values }) => ({
    kind: "end-asked-for",
    at: time,
    action: OFF_IN_WORDS.has((data.get("param5") ?? values[4] ?? "").toLowerCase()) ? "off" : undefined,
  }),
  "user32 1075": ({ time }) => ({ kind: "end-called-off", at: time }),
  "eventlog 6005": logStarted("start"),
  "eventlog 6009": logStarted("version"),
  "eventlog 6006": ({ time }) => ({ kind: "log-stopped", at: time }),
  "eventlog 6008": ({ time, binary }) => ({
    kind: "log-started",
    sign: "unexpected-end",
    at: time,
    lastAlive: secondSystemTime(binary),
  }),
};

/** Kernel-Boot 27. */
const BOOT_TYPES: Readonly<Record<string, "cold" | "hybrid" | "hibernate-resume">> = {
  0: "cold",
  1: "hybrid",
  2: "hibernate-resume",
};

/** POWER_ACTION of the Windows SDK: 4 PowerActionShutdown, 5 PowerActionShutdownReset, 6 PowerActionShutdownOff. */
const POWER_ACTIONS: Readonly<Record<string, "restart" | "off">> = { 4: "off", 5: "restart", 6: "off" };

/** What 1074 calls an end that is no restart, in some languages; all others are not known. */
const OFF_IN_WORDS: ReadonlySet<string> = new Set(
  (
    "power off|shutdown|shut down|ausschalten|herunterfahren|mise hors tension|arrêt|arrêter|éteindre|apagar|apagado|" +
    "spegnimento|arresto|desligar|desligamento|uitschakelen|afsluiten|wyłącz|выключение|электропитание выключено|" +
    "電源オフ|シャットダウン|关机|關機|关闭电源|關閉電源|시스템 종료|전원 끄기"
  ).split("|"),
);

/** Set by the kernel in the code of a bugcheck whose dump was written by way of an exception; no part of the code. */
const FLAG_IN_CODE = 0x1000_0000n;

/** BugcheckCode is decimal here, the parameters are hex. Zero: no bugcheck, so power was lost or the machine hung. */
function bugcheckInFields(data: EventRecord["data"]): Bugcheck | null | undefined {
  const code = data.get("BugcheckCode");
  if (code === undefined || !/^\d{1,10}$/.test(code)) return undefined;
  const masked = withoutFlag(BigInt(code));
  if (masked === 0n) return null;
  const parameters = [1, 2, 3, 4].flatMap((i) => hexOf(data.get(`BugcheckParameter${i}`)) ?? []);
  return { code: masked.toString(16), parameters };
}

/** `0x0000007a (0x…, 0x…, 0x…, 0x…)` */
function bugcheckInText(text: string | undefined): Bugcheck | undefined {
  const match = /^\s*(?:0x)?([0-9a-f]{1,8})\s*\(([^)]{0,200})\)/i.exec(text ?? "");
  if (match === null) return undefined;
  const code = withoutFlag(BigInt(`0x${match[1]}`));
  if (code === 0n) return undefined;
  const parameters = (match[2] ?? "").split(",").flatMap((part) => hexOf(part.trim()) ?? []);
  return { code: code.toString(16), parameters: parameters.slice(0, 4) };
}

const withoutFlag = (code: bigint): bigint => code & ~FLAG_IN_CODE & 0xffff_ffffn;

/** Hex with its `0x`, or the decimal of a renderer that knows the field as a plain number. */
function hexOf(text: string | undefined): string | undefined {
  if (text === undefined || !/^(?:0x[0-9a-f]{1,16}|\d{1,20})$/i.test(text)) return undefined;
  return BigInt.asUintN(64, BigInt(text.toLowerCase())).toString(16);
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^(?:0x[0-9a-f]{1,8}|\d{1,10})$/i.test(text) ? Number(text) : undefined;
}

/** Of 6008: two SYSTEMTIME structures, the first in local time, the second in UTC. */
function secondSystemTime(binary: string | null): Instant | null {
  if (binary === null || !/^[0-9a-f]{64}/i.test(binary)) return null;
  const word = (i: number): number =>
    Number.parseInt(binary.slice(32 + 4 * i + 2, 32 + 4 * i + 4) + binary.slice(32 + 4 * i, 32 + 4 * i + 2), 16);
  const [year, month, , day, hour, minute, second, ms] = [0, 1, 2, 3, 4, 5, 6, 7].map(word);
  const two = (value: number | undefined, digits = 2): string => String(value).padStart(digits, "0");
  return readInstant(
    `${two(year, 4)}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}.${two(ms, 3)}Z`,
  );
}
