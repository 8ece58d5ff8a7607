/**
 * The service control manager's functions, one to one, for services and drivers alike.
 *
 * Structures are read at offsets of winsvc.h as 64-bit Windows lays them out, on x64 and arm64 alike.
 * https://learn.microsoft.com/windows/win32/api/winsvc/
 */
import { koffi } from "./koffi.ts";
import { lastError } from "./last-error.ts";

const library = koffi.load("advapi32.dll");
const OpenSCManagerW = library.func(
  "uintptr_t __stdcall OpenSCManagerW(void *machine, void *database, uint32_t access)",
) as (machine: null, database: null, access: number) => number | bigint;
const OpenServiceW = library.func(
  "uintptr_t __stdcall OpenServiceW(uintptr_t manager, str16 name, uint32_t access)",
) as (manager: number | bigint, name: string, access: number) => number | bigint;
const CloseServiceHandle = library.func("bool __stdcall CloseServiceHandle(uintptr_t handle)") as (
  handle: number | bigint,
) => boolean;
const QueryServiceConfigW = library.func(
  "bool __stdcall QueryServiceConfigW(uintptr_t service, void *config, uint32_t bytes, void *needed)",
) as (service: number | bigint, config: Buffer, bytes: number, needed: Buffer) => boolean;
const QueryServiceStatusEx = library.func(
  "bool __stdcall QueryServiceStatusEx(uintptr_t service, int32_t level, void *status, uint32_t bytes, void *needed)",
) as (service: number | bigint, level: number, status: Buffer, bytes: number, needed: Buffer) => boolean;
const ChangeServiceConfigW = library.func(
  "bool __stdcall ChangeServiceConfigW(uintptr_t service, uint32_t type, uint32_t start, uint32_t error, void *path, " +
    "void *group, void *tag, void *dependencies, void *account, void *password, void *display)",
) as (...args: [number | bigint, number, number, number, null, null, null, null, null, null, null]) => boolean;
const ControlService = library.func(
  "bool __stdcall ControlService(uintptr_t service, uint32_t control, void *status)",
) as (service: number | bigint, control: number, status: Buffer) => boolean;
const StartServiceW = library.func(
  "bool __stdcall StartServiceW(uintptr_t service, uint32_t count, void *arguments)",
) as (service: number | bigint, count: number, args: null) => boolean;
const EnumDependentServicesW = library.func(
  "bool __stdcall EnumDependentServicesW(uintptr_t service, uint32_t state, void *list, uint32_t bytes, void *needed, " +
    "void *count)",
) as (...args: [number | bigint, number, Buffer, number, Buffer, Buffer]) => boolean;

/** winsvc.h */
export const MAY = { queryConfig: 0x1, changeConfig: 0x2, queryStatus: 0x4, dependents: 0x8, start: 0x10, stop: 0x20 };
export const STATE = { stopped: 1, startPending: 2, stopPending: 3, running: 4 } as const;
/** What a service takes. */
export const ACCEPTS_STOP = 0x1;
const CONNECT = 0x1;
const CONTROL_STOP = 1;
const NO_CHANGE = 0xffff_ffff;
const ACTIVE = 1;
/** The most that QueryServiceConfigW ever needs. */
const CONFIG_BYTES = 8_192;
const STATUS_BYTES = 36;
/** The most that EnumDependentServicesW ever needs, and the size of one of its entries. */
const LIST_BYTES = 64 * 1_024;
const ENTRY_BYTES = 56;

/** winerror.h */
export const SERVICE_ERROR = {
  denied: 5,
  invalid: 87,
  alreadyRunning: 1_056,
  noSuchService: 1_060,
  notActive: 1_062,
} as const;

export interface ServiceStatus {
  readonly state: number;
  readonly accepts: number;
  /** Why it stopped: 0 in good order. */
  readonly exitCode: number;
  readonly processId: number;
}

/** Each method throws nothing and answers with Windows' error number, 0 for none, or undefined where one is kept. */
export class OpenService {
  /** Of the last method that answered undefined. */
  error = 0;
  private readonly handle: number | bigint;

  constructor(handle: number | bigint) {
    this.handle = handle;
  }

  /** SERVICE_BOOT_START and so on, 0 to 4. */
  startKind(): number | undefined {
    const config = Buffer.alloc(CONFIG_BYTES);
    const isRead = QueryServiceConfigW(this.handle, config, config.length, Buffer.alloc(4));
    return isRead ? config.readUInt32LE(4) : this.failed();
  }

  setStartKind(start: number): number {
    const set = ChangeServiceConfigW(
      this.handle,
      NO_CHANGE,
      start,
      NO_CHANGE,
      null,
      null,
      null,
      null,
      null,
      null,
      null,
    );
    return set ? 0 : lastError();
  }

  status(): ServiceStatus | undefined {
    const status = Buffer.alloc(STATUS_BYTES);
    if (!QueryServiceStatusEx(this.handle, 0, status, status.length, Buffer.alloc(4))) return this.failed();
    const [state, accepts, exitCode, processId] = [4, 8, 12, 28].map((offset) => status.readUInt32LE(offset)) as [
      number,
      number,
      number,
      number,
    ];
    return { state, accepts, exitCode, processId };
  }

  /** How many services that run need this one. */
  activeDependents(): readonly string[] | undefined {
    const list = Buffer.alloc(LIST_BYTES);
    const count = Buffer.alloc(4);
    if (!EnumDependentServicesW(this.handle, ACTIVE, list, list.length, Buffer.alloc(4), count)) return this.failed();
    return Array.from({ length: count.readUInt32LE() }, (_, i) =>
      koffi.decode.string16(list.readBigUInt64LE(i * ENTRY_BYTES)),
    );
  }

  stop(): number {
    return ControlService(this.handle, CONTROL_STOP, Buffer.alloc(STATUS_BYTES)) ? 0 : lastError();
  }

  start(): number {
    return StartServiceW(this.handle, 0, null) ? 0 : lastError();
  }

  close(): void {
    CloseServiceHandle(this.handle);
  }

  private failed(): undefined {
    this.error = lastError();
    return undefined;
  }
}

/** @returns an error number if it cannot be opened */
export function openService(name: string, access: number): OpenService | number {
  const manager = OpenSCManagerW(null, null, CONNECT);
  if (Number(manager) === 0) return lastError();
  const service = OpenServiceW(manager, name, access);
  const error = Number(service) === 0 ? lastError() : 0;
  CloseServiceHandle(manager);
  return error === 0 ? new OpenService(service) : error;
}
