/**
 * How a service is set up, as the service control manager's functions say it and set it, one to one.
 *
 * Structures are laid out as winsvc.h has them on 64-bit Windows, on x64 and arm64 alike.
 */
import { koffi } from "./koffi.ts";
import { lastError } from "./last-error.ts";

type Handle = number | bigint;

const library = koffi.load("advapi32.dll");
const OpenSCManagerW = library.func(
  "uintptr_t __stdcall OpenSCManagerW(void *machine, void *database, uint32_t access)",
) as (machine: null, database: null, access: number) => Handle;
const OpenServiceW = library.func(
  "uintptr_t __stdcall OpenServiceW(uintptr_t manager, str16 name, uint32_t access)",
) as (manager: Handle, name: string, access: number) => Handle;
const CloseServiceHandle = library.func("bool __stdcall CloseServiceHandle(uintptr_t handle)") as (
  handle: Handle,
) => boolean;
const QueryServiceConfigW = library.func(
  "bool __stdcall QueryServiceConfigW(uintptr_t service, void *config, uint32_t bytes, void *needed)",
) as (service: Handle, config: Buffer, bytes: number, needed: Buffer) => boolean;
const ChangeServiceConfigW = library.func(
  "bool __stdcall ChangeServiceConfigW(uintptr_t service, uint32_t type, uint32_t start, uint32_t error, str16 path, " +
    "void *group, void *tag, void *dependencies, void *account, void *password, void *display)",
) as (...args: [Handle, number, number, number, string, null, null, null, null, null, null]) => boolean;
const QueryServiceConfig2W = library.func(
  "bool __stdcall QueryServiceConfig2W(uintptr_t service, uint32_t level, void *info, uint32_t bytes, void *needed)",
) as (service: Handle, level: number, info: Buffer, bytes: number, needed: Buffer) => boolean;
const ChangeServiceConfig2W = library.func(
  "bool __stdcall ChangeServiceConfig2W(uintptr_t service, uint32_t level, void *info)",
) as (service: Handle, level: number, info: Buffer) => boolean;

const CONNECT = 0x1;
const QUERY_CONFIG = 0x1;
const CHANGE_CONFIG = 0x2;
/** Windows demands it of whoever sets that a service is started again. */
const START = 0x10;
const NO_CHANGE = 0xffff_ffff;
const FAILURE_ACTIONS = 2;
const FAILURE_ACTIONS_FLAG = 4;
/** The most that either query ever needs. */
const INFO_BYTES = 8_192;

interface FailureAction {
  /** SC_ACTION_NONE 0, SC_ACTION_RESTART 1, ... */
  readonly kind: number;
  readonly delayMs: number;
}
export interface FailureActions {
  /** After so long without a failure the first action comes again. */
  readonly resetSeconds: number;
  readonly actions: readonly FailureAction[];
}

/** Methods answer with an error number, 0 for none, or undefined where something is asked for and not told. */
export class OwnService {
  private readonly handle: Handle;

  constructor(handle: Handle) {
    this.handle = handle;
  }

  imagePath(): string | undefined {
    const config = Buffer.alloc(INFO_BYTES);
    if (!QueryServiceConfigW(this.handle, config, config.length, Buffer.alloc(4))) return undefined;
    return koffi.decode.string16(config.readBigUInt64LE(16));
  }

  setImagePath(path: string): number {
    const unchanged = [NO_CHANGE, NO_CHANGE, NO_CHANGE] as const;
    return ChangeServiceConfigW(this.handle, ...unchanged, path, null, null, null, null, null, null) ? 0 : lastError();
  }

  failureActions(): FailureActions | undefined {
    const info = Buffer.alloc(INFO_BYTES);
    if (!QueryServiceConfig2W(this.handle, FAILURE_ACTIONS, info, info.length, Buffer.alloc(4))) return undefined;
    const count = info.readUInt32LE(24);
    const at = info.readBigUInt64LE(32);
    if (count > 100 || at === 0n) return { resetSeconds: info.readUInt32LE(0), actions: [] };
    const numbers = koffi.decode(at, "uint32_t", count * 2) as ArrayLike<number>;
    const actions = Array.from({ length: count }, (_, i) => ({
      kind: numbers[i * 2] ?? 0,
      delayMs: numbers[i * 2 + 1] ?? 0,
    }));
    return { resetSeconds: info.readUInt32LE(0), actions };
  }

  /** Also for a service that stopped by itself with an error, not only for one whose process died. */
  setFailureActions({ resetSeconds, actions }: FailureActions): number {
    const list = Buffer.alloc(actions.length * 8);
    for (const [i, { kind, delayMs }] of actions.entries()) {
      list.writeUInt32LE(kind, i * 8);
      list.writeUInt32LE(delayMs, i * 8 + 4);
    }
    const info = Buffer.alloc(40);
    info.writeUInt32LE(resetSeconds, 0);
    info.writeUInt32LE(actions.length, 24);
    info.writeBigUInt64LE(koffi.address(list), 32);
    if (!ChangeServiceConfig2W(this.handle, FAILURE_ACTIONS, info)) return lastError();
    const flag = Buffer.alloc(4);
    flag.writeUInt32LE(1);
    return ChangeServiceConfig2W(this.handle, FAILURE_ACTIONS_FLAG, flag) ? 0 : lastError();
  }

  close(): void {
    CloseServiceHandle(this.handle);
  }
}

/** @returns an error number if it cannot be opened */
export function openOwnService(name: string): OwnService | number {
  const manager = OpenSCManagerW(null, null, CONNECT);
  if (Number(manager) === 0) return lastError();
  const service = OpenServiceW(manager, name, QUERY_CONFIG | CHANGE_CONFIG | START);
  const error = Number(service) === 0 ? lastError() : 0;
  CloseServiceHandle(manager);
  return error === 0 ? new OwnService(service) : error;
}
