/**
 * The service control manager's side of a service, as Windows offers it. Chooses nothing: `service.ts` does.
 *
 * Windows calls back on threads of its own; koffi hands each call over to the JavaScript thread and lets the caller wait
 * for the answer. The dispatcher itself blocks, so it takes one thread of Node's pool for as long as the service lives.
 */
import type { KoffiFunc } from "koffi";
import type { ServiceCallbacks } from "../service-words.ts";
import { koffi } from "./koffi.ts";

/** Of winsvc.h. */
const OWN_PROCESS = 0x10;

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
