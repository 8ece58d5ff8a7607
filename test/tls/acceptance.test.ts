import { expect, test } from "vitest";
import { verdictOf } from "../../controller/enrolment/acceptance.ts";

const NETWORKS = { kind: "at-once" as const, networks: ["10.20.0.0/16", "fd00:1::/32"] };

test.each([
  ["a person decides, wherever it comes from", { kind: "person" as const }, "10.20.1.1", "pending"],
  ["at once, wherever it comes from", { kind: "at-once" as const }, "203.0.113.9", "accepted"],
  ["in a listed network", NETWORKS, "10.20.255.255", "accepted"],
  ["in one, as a socket for both families says it", NETWORKS, "::ffff:10.20.1.1", "accepted"],
  ["in a listed network of IPv6", NETWORKS, "fd00:1:2::3", "accepted"],
  ["beside it", NETWORKS, "10.21.0.1", "pending"],
  ["no address at all", NETWORKS, "unknown", "pending"],
])("%s", (_what, acceptance, address, standing) => {
  expect(verdictOf(acceptance, "token_1", address)).toMatchObject({ standing });
});
