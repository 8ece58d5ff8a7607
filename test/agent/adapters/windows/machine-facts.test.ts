import { expect, test } from "vitest";
import { windowsFacts, winterOffsetMinutes } from "../../../../agent/adapters/windows/machine-facts.ts";
import { FakeRegistry } from "../../../support/fake-registry.ts";

test.each([
  ["Berlin", -60, -120, 60],
  ["New York", 300, 240, -300],
  ["Sydney, whose summer is in January", -660, -600, 600],
  ["Kolkata, without summer time", -330, -330, 330],
  ["Reykjavik", 0, 0, 0],
])("the zone of %s is the same in summer and winter", (_place, january, july, expected) => {
  expect(winterOffsetMinutes((month) => (month === 0 ? january : july))).toBe(expected);
});

const MOBILE = 2;
const DESKTOP = 1;

test.each([
  ["a server in a virtual machine", "ServerNT", "VMware7,1", DESKTOP, "server"],
  ["a domain controller on hardware", "LanmanNT", "Rack 2", DESKTOP, "server"],
  ["somebody's virtual desktop", "WinNT", "VMware7,1", DESKTOP, "virtual"],
  ["a laptop", "WinNT", "Book 5", MOBILE, "portable"],
])("%s says what it is", async (_what, productType, model, role, chassis) => {
  const registry = new FakeRegistry()
    .set("HKLM\\SYSTEM\\CurrentControlSet\\Control\\ProductOptions", "ProductType", productType)
    .set("HKLM\\HARDWARE\\DESCRIPTION\\System\\BIOS", "SystemProductName", model);
  expect((await windowsFacts(registry, role)).chassis).toBe(chassis);
});
