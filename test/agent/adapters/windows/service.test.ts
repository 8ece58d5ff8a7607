import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { serve, type ServiceWork } from "../../../../agent/adapters/windows/service.ts";
import {
  ANSWER,
  CONTROL,
  POWER,
  type ServiceCallbacks,
  type ServiceState,
  STATE,
} from "../../../../agent/adapters/windows/service-words.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A service control manager that keeps what it is told. */
class Manager {
  readonly told: ServiceState[] = [];
  readonly heard: string[] = [];
  readonly served: Promise<boolean>;
  private callbacks: ServiceCallbacks | undefined;
  private readonly ended = Promise.withResolvers<boolean>();

  constructor(work: Partial<ServiceWork> = {}) {
    const hear = (what: string) => () => void this.heard.push(what);
    const whole: ServiceWork = {
      start: async () => undefined,
      stop: async (reason) => void this.heard.push(`stop: ${reason}`),
      suspend: hear("suspend"),
      resume: hear("resume"),
      failed: async (error) => void this.heard.push(String(error)),
      ...work,
    };
    this.served = serve("RingbackAgent", whole, (_name, callbacks) => {
      this.callbacks = callbacks;
      return this.ended.promise;
    });
  }

  start(): void {
    this.callbacks?.onMain((state) => {
      this.told.push(state);
      if (state.state === STATE.stopped) this.ended.resolve(true);
      return true;
    });
  }

  says(control: number, eventType = 0): number | undefined {
    return this.callbacks?.onControl(control, eventType);
  }

  get last(): ServiceState | undefined {
    return this.told.at(-1);
  }
}

test("tells that it starts, and that it runs only when it does", async () => {
  const started = Promise.withResolvers<void>();
  const manager = new Manager({ start: () => started.promise });
  manager.start();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(manager.told.map(({ state }) => state)).toEqual([STATE.startPending, STATE.startPending, STATE.startPending]);
  expect(manager.last?.accepts).toBe(0);
  started.resolve();
  await vi.advanceTimersByTimeAsync(0);
  expect(manager.last).toMatchObject({ state: STATE.running, exitCode: 0, checkPoint: 0 });
});

test.each([
  ["stop", CONTROL.stop, "service-stop"],
  ["shutdown", CONTROL.shutdown, "shutdown"],
  ["preshutdown", CONTROL.preshutdown, "shutdown"],
])("a %s says goodbye once, with growing checkpoints, and then that it has stopped", async (_name, control, reason) => {
  const goodbye = Promise.withResolvers<void>();
  const heard: string[] = [];
  const manager = new Manager({
    stop(why) {
      heard.push(why);
      return goodbye.promise;
    },
  });
  manager.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(manager.says(control)).toBe(ANSWER.ok);
  manager.says(CONTROL.shutdown);
  await vi.advanceTimersByTimeAsync(4_500);
  const pending = manager.told.filter(({ state }) => state === STATE.stopPending);
  expect(pending.map(({ checkPoint }) => checkPoint)).toEqual([1, 2, 3]);
  goodbye.resolve();
  expect(await manager.served).toBe(true);
  expect(heard).toEqual([reason]);
  expect(manager.last).toMatchObject({ state: STATE.stopped, exitCode: 0 });
});

test("one that cannot start stops with an error, so that recovery starts it again", async () => {
  const manager = new Manager({ start: () => Promise.reject(new Error("the disk is gone")) });
  manager.start();
  expect(await manager.served).toBe(true);
  expect(manager.heard).toEqual(["Error: the disk is gone"]);
  expect(manager.last?.state).toBe(STATE.stopped);
  expect(manager.last?.exitCode).not.toBe(0);
});

test("has said why it could not start before it is told that it stands still: the process ends then", async () => {
  const written = Promise.withResolvers<void>();
  const manager = new Manager({ start: () => Promise.reject(new Error("x")), failed: () => written.promise });
  manager.start();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(manager.last?.state).toBe(STATE.startPending);
  written.resolve();
  expect(await manager.served).toBe(true);
  expect(manager.last?.state).toBe(STATE.stopped);
});

test("hears of sleep and of each way to wake, and answers what it does not know", async () => {
  const manager = new Manager();
  manager.start();
  await vi.advanceTimersByTimeAsync(0);
  for (const event of [POWER.suspend, POWER.resume, POWER.resumeByUser, 10]) manager.says(CONTROL.powerEvent, event);
  expect(manager.heard).toEqual(["suspend", "resume", "resume"]);
  expect(manager.says(CONTROL.interrogate)).toBe(ANSWER.ok);
  expect(manager.says(0x80)).toBe(ANSWER.notImplemented);
});
