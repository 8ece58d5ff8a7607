/**
 * What the kernel itself says of its start and its mode.
 *
 * SYSTEM_TIMEOFDAY_INFORMATION as the Windows headers since Windows 2000 have it (winternl.h names its size alone); the
 * count of boots is in KUSER_SHARED_DATA (ntddk.h), which lies at the same address in every process, on x64 and arm64.
 */
import { koffi } from "./koffi.ts";

const NtQuerySystemInformation = koffi
  .load("ntdll.dll")
  .func("int32_t __stdcall NtQuerySystemInformation(int32_t of, void *information, uint32_t bytes, void *written)") as (
  of: number,
  information: Buffer,
  bytes: number,
  written: Buffer,
) => number;
const GetTickCount64 = koffi.load("kernel32.dll").func("uint64_t __stdcall GetTickCount64()") as () => number | bigint;
const GetSystemMetrics = koffi.load("user32.dll").func("int32_t __stdcall GetSystemMetrics(int32_t of)") as (
  of: number,
) => number;

const TIME_OF_DAY = 3;
const TIME_OF_DAY_BYTES = 48;
const CLEAN_BOOT = 67;
const SHARED_DATA = 0x7ffe_0000n;
const SHARED_BOOT_ID = SHARED_DATA + 0x2c4n;
/** From 1601 to 1970, in units of 100 ns. */
const EPOCH_TICKS = 116_444_736_000_000_000n;
const TICKS_A_MS = 10_000n;

export interface KernelTime {
  /** When the kernel began, by the clock as it is set now: it moves when the clock is set. */
  readonly bootedAtMs: number;
  /** The same by the clock as it was set then, in units of 100 ns since 1601. */
  readonly bootedAtFirst: bigint;
  /** How long ago that was. Goes on while the machine sleeps, and is not moved by setting the clock. */
  readonly uptimeMs: number;
}

/** @throws if the kernel does not answer, which no Windows is known to do */
export function kernelTime(): KernelTime {
  const information = Buffer.alloc(TIME_OF_DAY_BYTES);
  const status = NtQuerySystemInformation(TIME_OF_DAY, information, information.length, Buffer.alloc(4));
  if (status < 0) throw new Error(`the kernel does not say when it began (NTSTATUS 0x${(status >>> 0).toString(16)})`);
  const [bootedAt, now, setSince] = [0, 8, 32].map((offset) => information.readBigInt64LE(offset)) as [
    bigint,
    bigint,
    bigint,
  ];
  return {
    bootedAtMs: Number((bootedAt - EPOCH_TICKS) / TICKS_A_MS),
    bootedAtFirst: bootedAt - setSince,
    uptimeMs: shorter(Number((now - bootedAt) / TICKS_A_MS), Number(GetTickCount64())),
  };
}

/** They agree on Windows. Wine counts its ticks from the start of the machine below it, which is longer ago. */
const shorter = (byClock: number, byTicks: number): number => (byClock < 0 ? byTicks : Math.min(byClock, byTicks));

/** How often this Windows has been started, counted by its loader; 0 where the kernel does not tell. */
export const kernelBootCount = (): number => koffi.decode(SHARED_BOOT_ID, "uint32_t") as number;

/** 0 normal, 1 safe mode, 2 safe mode with networking. */
export const cleanBootMetric = (): number => GetSystemMetrics(CLEAN_BOOT);
