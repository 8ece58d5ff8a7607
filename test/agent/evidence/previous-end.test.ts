import { expect, test } from "vitest";
import { previousEnd } from "../../support/previous-end.ts";

const event = (provider: string, id: number, data: Readonly<Record<string, string>> = {}, quote = "'"): string => {
  const q = (value: string): string => `${quote}${value}${quote}`;
  const fields = Object.entries(data).map(([name, value]) => `<Data Name=${q(name)}>${value}</Data>`);
  return (
    `<Event xmlns=${q("http://schemas.microsoft.com/win/2004/08/events/event")}><System><Provider Name=${q(provider)} ` +
    `Guid=${q("{331c3b3a-2005-44c2-ac5e-77220c37d6b4}")}/><EventID Qualifiers=${q("0")}>${id}</EventID></System>` +
    `<EventData>${fields.join("")}</EventData></Event>`
  );
};
const START = event("Microsoft-Windows-Kernel-General", 12);
const kernelPower = (code: string, ...parameters: string[]): string =>
  event("Microsoft-Windows-Kernel-Power", 41, {
    BugcheckCode: code,
    ...Object.fromEntries(parameters.map((value, i) => [`BugcheckParameter${i + 1}`, value])),
  });
const ASKED = event("User32", 1074);
const STOPPED = event("EventLog", 6006);
const UNEXPECTED = event("EventLog", 6008);

test("a bugcheck is decimal in the log and hex in the report", () => {
  const crash = kernelPower("80", "0xffffb5080000009c", "0x0", "0xFFFFF8031A2B0C4D", "0x0");
  expect(previousEnd([START, START, crash, UNEXPECTED])).toEqual({
    kind: "bugcheck",
    bugcheck: { code: "50", parameters: ["ffffb5080000009c", "0", "fffff8031a2b0c4d", "0"] },
  });
});
test.each([
  { name: "code zero is a loss of power", lines: [START, START, kernelPower("0"), UNEXPECTED], kind: "power-loss" },
  { name: "somebody asked for a restart", lines: [START, ASKED, STOPPED, START], kind: "planned-restart" },
  { name: "the event log was stopped in good order", lines: [START, STOPPED, START], kind: "clean" },
  {
    name: "a crash after a planned restart",
    lines: [START, ASKED, STOPPED, START, START, kernelPower("0")],
    kind: "power-loss",
  },
  { name: "a clean end after a crash long ago", lines: [START, kernelPower("80"), STOPPED, START], kind: "clean" },
  { name: "an unexpected end without more evidence", lines: [START, START, UNEXPECTED], kind: "unknown" },
  { name: "no evidence at all", lines: [START, START], kind: "unknown" },
  { name: "an empty log", lines: [], kind: "unknown" },
  {
    name: "a first line that is cut off, and noise",
    lines: ["ata Name='x'>41</EventID>", "", START, STOPPED, START],
    kind: "clean",
  },
])("$name: $kind", ({ lines, kind }) => {
  expect(previousEnd(lines).kind).toBe(kind);
});
test("double quotes are as good as single ones", () => {
  const crash = event("Microsoft-Windows-Kernel-Power", 41, { BugcheckCode: "209" }, '"');
  expect(previousEnd([START, crash])).toEqual({ kind: "bugcheck", bugcheck: { code: "d1", parameters: [] } });
});
