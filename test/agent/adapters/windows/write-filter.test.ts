import { expect, test } from "vitest";
import type { Result } from "../../../../agent/ports.ts";
import type { RunTool, ToolRun } from "../../../../agent/adapters/windows/ports.ts";
import { whyForgetful } from "../../../../agent/adapters/windows/write-filter.ts";

const answering =
  (answer: Result<ToolRun>): RunTool =>
  async (tool, args) => {
    expect([tool, args]).toEqual(["uwfmgr", ["get-config"]]);
    return answer;
  };
const saying = (stdout: string) => answering({ kind: "ok", value: { exitCode: 0, stdout, stderr: "" } });
const config = (now: string): string =>
  ["Current Session Settings for UWF", "", "FILTER SETTINGS", `    Filter state:     ${now}`, ""].join("\n");

test("a machine with a write filter that is on, or may be, forgets", async () => {
  expect(await whyForgetful(saying(config("ON")))).toContain("is on");
  expect(await whyForgetful(saying(config("EIN")))).toContain("cannot be read");
});

test("one without, or with one that is off, does not", async () => {
  const none = answering({ kind: "fault", fault: "not-found", because: "there is no uwfmgr" });
  for (const run of [none, saying(config("OFF")), saying("")]) expect(await whyForgetful(run)).toBeUndefined();
});
