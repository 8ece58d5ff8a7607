/**
 * The service control manager's side of a service, as Windows offers it. Chooses nothing: `service.ts` does.
 *
 * Windows calls back on threads of its own; koffi hands each call over to the JavaScript thread and lets the caller wait
 * for the answer. The dispatcher itself blocks, so it takes one thread of Node's pool for as long as the service lives.
 */
import type { KoffiFunc } from "koffi";
import { koffi } from "./koffi.ts";

/** Of winsvc.h. */
export const STATE = { stopped: 1, startPending: 2, stopPending: 3, running: 4 } as const;
export const CONTROL = { stop: 1, interrogate: 4, shutdown: 5, powerEvent: 0xd, preshutdown: 0xf } as const;
export const ACCEPT = { stop: 0x1, shutdown: 0x4, powerEvent: 0x40, preshutdown: 0x100 } as const;
/** Of winbase.h: what a power event is about. */
export const POWER = { suspend: 4, resumeByUser: 7, resume: 0x12 } as const;
/** Of winerror.h. */
export const ANSWER = { ok: 0, notImplemented: 120 } as const;

const OWN_PROCESS = 0x10;

export interface ServiceState {
  readonly state: (typeof STATE)[keyof typeof STATE];
  /** Which controls may come now, added up. */
  readonly accepts: number;
  /** 0, or an error of winerror.h: with one, a stop counts as a failure. */
  readonly exitCode: number;
  readonly checkPoint: number;
  readonly waitHintMs: number;
}

export interface ServiceCallbacks {
  /** The service is to start; from now on its state may be told. */
  readonly onMain: (tell: (state: ServiceState) => boolean) => void;
  /** Answers at once, with one of `ANSWER`; the caller waits in Windows. */
  readonly onControl: (control: number, eventType: number) => number;
}

type Handle = unknown;
type Proc = bigint;

const advapi32 = koffi.load("advapi32.dll");
const ServiceMain = koffi.proto("void __stdcall RingbackServiceMain(uint32_t argc, void *argv)");
const HandlerEx = koffi.proto(
  "uint32_t __stdcall RingbackHandlerEx(uint32_t control, uint32_t eventType, void *eventData, void *context)",
);
const TableEntry = koffi.struct("SERVICE_TABLE_ENTRYW", { name: "str16", main: koffi.pointer(ServiceMain) });
koffi.struct("SERVICE_STATUS", {
  type: "uint32_t",
  state: "uint32_t",
  accepts: "uint32_t",
  exitCode: "uint32_t",
  specificExitCode: "uint32_t",
  checkPoint: "uint32_t",
  waitHintMs: "uint32_t",
});
const startDispatcher = advapi32.func("bool __stdcall StartServiceCtrlDispatcherW(void *table)") as KoffiFunc<
  (table: unknown) => boolean
>;
const registerHandler = advapi32.func(
  "void *__stdcall RegisterServiceCtrlHandlerExW(str16 name, RingbackHandlerEx *handler, void *context)",
) as KoffiFunc<(name: string, handler: Proc, context: null) => Handle>;
const setStatus = advapi32.func("bool __stdcall SetServiceStatus(void *handle, SERVICE_STATUS *status)") as KoffiFunc<
  (handle: Handle, status: Record<string, number>) => boolean
>;

/**
 * Resolves when the service has said that it is stopped: true. False at once if this process was not started by the
 * service control manager (under Wine after some seconds). To be called once a process.
 */
export function dispatchService(name: string, { onMain, onControl }: ServiceCallbacks): Promise<boolean> {
  const handler = koffi.register(
    (control: number, eventType: number) => onControl(control, eventType),
    koffi.pointer(HandlerEx),
  );
  const main = koffi.register(() => {
    const handle = registerHandler(name, handler, null);
    onMain(({ state, accepts, exitCode, checkPoint, waitHintMs }) =>
      setStatus(handle, { type: OWN_PROCESS, state, accepts, exitCode, specificExitCode: 0, checkPoint, waitHintMs }),
    );
  }, koffi.pointer(ServiceMain));
  const table: unknown = koffi.alloc(TableEntry, 2);
  koffi.encode(table, koffi.array(TableEntry, 2), [
    { name, main },
    { name: null, main: null },
  ]);
  return new Promise((resolve, reject) => {
    startDispatcher.async(table, (error: unknown, ended: boolean) => {
      if (error instanceof Error) reject(error);
      else resolve(ended);
    });
  });
}
