/** Which network a machine speaks from: enough to know that it fell silent with its neighbours, and no more. */
import { expect, test } from "vitest";
import { segmentOf } from "../../controller/gateway/segment.ts";

test.each([
  ["192.0.2.77", "192.0.2.0/24"],
  ["::ffff:192.0.2.77", "192.0.2.0/24"],
  ["2001:db8:1:ff42:1:2:3:4", "2001:db8:1:ff00::/56"],
  ["2001:db8::7", "2001:db8:0:0::/56"],
  ["fe80::1%eth0", "fe80:0:0:0::/56"],
])("%s is in %s", (address, segment) => {
  expect(segmentOf(address)).toBe(segment);
});

test.each(["127.0.0.1", "::ffff:127.0.0.1", "::1", "", "unknown"])("%s says nothing about a network", (address) => {
  expect(segmentOf(address)).toBeNull();
});
