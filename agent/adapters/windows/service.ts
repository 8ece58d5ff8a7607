/**
 * The agent as a Windows service: what the service control manager is told, and when.
 *
 * Invariants: "running" is told only after `start` has come to its end; while the service stops, the checkpoint goes on
 * growing, so that a goodbye that takes long is never taken for a service that hangs; "stopped" is the last word. An
 * agent that could not start stops with an error, so that the recovery actions start it again.
 */
import { ACCEPT, ANSWER, CONTROL, POWER, type ServiceCallbacks, type ServiceState, STATE } from "./service-words.ts";

type ServiceEnd = "shutdown" | "service-stop";

export interface ServiceWork {
  start(): Promise<void>;
  /** Says goodbye. It should take some seconds at most: Windows waits for services at a shutdown, but not for ever. */
  stop(reason: ServiceEnd): Promise<void>;
  /** The machine goes to sleep, in two seconds at most. */
  suspend(): void;
  resume(): void;
  /** The service did not start, or did not stop well. "Stopped" is told afterwards: nothing is sure to run after that. */
  failed(error: unknown): Promise<void>;
}

/** How far apart checkpoints are, and how long Windows is told to wait for the next. */
const CHECKPOINT_MS = 2_000;
const WAIT_HINT_MS = 10_000;
/** ERROR_EXCEPTION_IN_SERVICE of winerror.h. */
const FAILED = 1064;

const ACCEPTED = ACCEPT.stop | ACCEPT.shutdown | ACCEPT.preshutdown | ACCEPT.powerEvent;

/** `native/service-control.ts` on Windows. */
type Dispatch = (name: string, callbacks: ServiceCallbacks) => Promise<boolean>;

/** Resolves when the service has stopped. @returns false if this process is not a service */
export async function serve(name: string, work: ServiceWork, dispatch: Dispatch): Promise<boolean> {
  let tell: (state: ServiceState) => boolean = () => false;
  let checkPoint = 0;
  let isEnding = false;
  const tellPending = (state: typeof STATE.startPending | typeof STATE.stopPending): void =>
    void tell({ state, accepts: 0, exitCode: 0, checkPoint: ++checkPoint, waitHintMs: WAIT_HINT_MS });
  const tellSettled = (state: typeof STATE.running | typeof STATE.stopped, exitCode = 0): void => {
    checkPoint = 0;
    tell({ state, accepts: state === STATE.running ? ACCEPTED : 0, exitCode, checkPoint, waitHintMs: 0 });
  };

  const start = async (): Promise<void> => {
    tellPending(STATE.startPending);
    const beat = setInterval(() => tellPending(STATE.startPending), CHECKPOINT_MS);
    try {
      await work.start();
      tellSettled(STATE.running);
    } catch (error) {
      await work.failed(error).catch(() => undefined);
      tellSettled(STATE.stopped, FAILED);
    } finally {
      clearInterval(beat);
    }
  };
  const stop = async (reason: ServiceEnd): Promise<void> => {
    tellPending(STATE.stopPending);
    const beat = setInterval(() => tellPending(STATE.stopPending), CHECKPOINT_MS);
    try {
      await work.stop(reason);
    } catch (error) {
      await work.failed(error).catch(() => undefined);
    } finally {
      clearInterval(beat);
      tellSettled(STATE.stopped);
    }
  };
  const end = (reason: ServiceEnd): number => {
    if (!isEnding) setImmediate(() => void stop(reason));
    isEnding = true;
    return ANSWER.ok;
  };
  return dispatch(name, {
    onMain(tellWindows) {
      tell = tellWindows;
      void start();
    },
    onControl(control, eventType) {
      switch (control) {
        case CONTROL.stop:
          return end("service-stop");
        case CONTROL.shutdown:
        case CONTROL.preshutdown:
          return end("shutdown");
        case CONTROL.powerEvent:
          if (eventType === POWER.suspend) work.suspend();
          else if (eventType === POWER.resume || eventType === POWER.resumeByUser) work.resume();
          return ANSWER.ok;
        case CONTROL.interrogate:
          return ANSWER.ok;
        default:
          return ANSWER.notImplemented;
      }
    },
  });
}
