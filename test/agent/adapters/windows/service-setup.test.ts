import { expect, test } from "vitest";
import { quotedImagePath, setUpService } from "../../../../agent/adapters/windows/service-setup.ts";

const BARE = 'C:\\Program Files\\Ringback\\Agent\\node.exe "C:\\Program Files\\Ringback\\Agent\\app\\x.mjs" service';

/** A service control manager that keeps what is set, unless it is one of those that do not. */
function aService(over: Partial<Record<"path" | "recovery", "kept" | "ignored" | "denied">> = {}) {
  const { path = "kept", recovery = "kept" } = over;
  let imagePath = BARE;
  let actions: unknown = { resetSeconds: 0, actions: [] };
  const set = (how: "kept" | "ignored" | "denied", keep: () => void): number => {
    if (how === "kept") keep();
    return how === "denied" ? 5 : 0;
  };
  return {
    imagePath: () => imagePath,
    setImagePath: (to: string) => set(path, () => (imagePath = to)),
    failureActions: () => actions as { resetSeconds: number; actions: [] },
    setFailureActions: (to: unknown) => set(recovery, () => (actions = to)),
    close: () => undefined,
    get kept() {
      return { imagePath, actions };
    },
  };
}

test("the path gets its quotes, and the service is restarted after 1, 1 and 5 minutes", () => {
  const service = aService();
  expect(setUpService("RingbackAgent", () => service)).toEqual([]);
  expect(service.kept.imagePath).toBe(BARE.replace("node.exe", 'node.exe"').replace(/^/, '"'));
  const restart = (delayMs: number) => ({ kind: 1, delayMs });
  expect(service.kept.actions).toEqual({
    resetSeconds: 86_400,
    actions: [restart(60_000), restart(60_000), restart(300_000)],
  });
  expect(setUpService("RingbackAgent", () => service)).toEqual([]);
});

test("what Windows only seems to have taken is told, and what it denies", () => {
  expect(setUpService("RingbackAgent", () => aService({ recovery: "ignored" }))).toEqual([
    expect.stringContaining("not restarted when it fails"),
  ]);
  expect(setUpService("RingbackAgent", () => aService({ path: "denied" }))).toEqual([
    expect.stringContaining("error 5"),
  ]);
  expect(setUpService("RingbackAgent", () => 1060)).toEqual([expect.stringContaining("error 1060")]);
});

test.each([
  ["with quotes already", `"C:\\Program Files\\a.exe" service`],
  ["that is none of a drive", "\\SystemRoot\\System32\\svchost.exe -k x"],
])("a path %s stays as it is", (_what, path) => {
  expect(quotedImagePath(path)).toBe(path);
});
