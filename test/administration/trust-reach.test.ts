/** Who believes which trust document, and who may still obey keys that the controller gave up. */
import { describe, expect, test } from "vitest";
import { starterLeftIn, trustReach } from "../../controller/administration/trust-reach.ts";
import { Fleet } from "../../controller/fleet/fleet.ts";
import type { Change } from "../../controller/store/feed.ts";
import type { DeviceStanding } from "../../protocol/enrolment.ts";
import { PAYLOAD_TYPES, seal } from "../../protocol/dsse.ts";
import type { TrustDocument } from "../../protocol/trust-document.ts";
import { device, NOON, REGISTERED, stream } from "../support/fleet-builders.ts";
import { aRegistration } from "../support/record-builders.ts";
import { aKey } from "../support/keys.ts";
import { aTrustDocument } from "../support/trust-builders.ts";

function byStarter(document: TrustDocument, ...roles: ("roots" | "policyHolders" | "approvers")[]): TrustDocument {
  const changed = structuredClone(document);
  for (const role of roles) for (const key of changed[role].holders.flatMap(({ keys }) => keys)) key.starter = true;
  return changed;
}
const chain = (...documents: ("roots" | "policyHolders" | "approvers")[][]) =>
  documents.map((roles, i) =>
    seal(PAYLOAD_TYPES.trust, byStarter(aTrustDocument({ version: i + 1 }), ...roles), [aKey("rita")]),
  );

describe("the document in which starter keys left a role", () => {
  test.each([
    ["none yet", chain(["roots", "approvers"], ["roots", "approvers"]), null],
    ["all at once", chain(["roots", "policyHolders", "approvers"], [], []), 2],
    ["one after another: the newest", chain(["roots", "approvers"], ["roots"], ["roots"], [], []), 4],
    ["there never were any", chain([], []), null],
  ])("%s", (_name, documents, expected) => expect(starterLeftIn(documents)).toBe(expected));
});

function fleetOf(...devices: { standing?: DeviceStanding; says?: number }[]): Fleet {
  const fleet = new Fleet({ silentAfterMs: 600_000 });
  for (const [i, { standing = "accepted", says }] of devices.entries()) {
    const { id, publicKey, name, site, role } = aRegistration(i, { name: `pc-${String(i).padStart(4, "0")}` });
    fleet.put({ ...REGISTERED, id, publicKey, name, site, role, registeredAt: NOON, standing, state: null }, NOON);
    if (says !== undefined) say(fleet, i, { kind: "trust-changed", trustVersion: says, policyVersion: 1 });
  }
  return fleet;
}
const say = (fleet: Fleet, n: number, body: Change["body"]) =>
  fleet.apply({ stream: stream(1), sequence: 1, at: NOON, deviceId: device(n), body }, () => true);
const namesBehind = (fleet: Fleet, left = 3, newest = 4) =>
  trustReach(fleet, left, newest).behind.items.map(({ name, trustVersion }) => [name, trustVersion]);

describe("who believes what", () => {
  test("is counted by version, of accepted devices only; who has not said is not known", () => {
    const fleet = fleetOf({ says: 4 }, { says: 4 }, { says: 2 }, {}, { says: 2, standing: "pending" });
    expect(trustReach(fleet, null, 4)).toEqual({
      versions: [
        { trustVersion: 4, devices: 2 },
        { trustVersion: 2, devices: 1 },
        { trustVersion: null, devices: 1 },
      ],
      starterLeftIn: null,
      behind: { total: 0, items: [] },
    });
  });

  test("behind are those that do not say they have the document, and the list follows what they say", () => {
    const fleet = fleetOf({ says: 4 }, { says: 2 }, {}, { says: 3 });
    expect(namesBehind(fleet)).toEqual([
      ["pc-0001", 2],
      ["pc-0002", null],
    ]);
    say(fleet, 1, { kind: "trust-changed", trustVersion: 4, policyVersion: 1 });
    expect(namesBehind(fleet)).toEqual([["pc-0002", null]]);
    say(fleet, 2, { kind: "standing", standing: "revoked" });
    expect(namesBehind(fleet)).toEqual([]);
    expect(trustReach(fleet, 3, 4).versions).toEqual([
      { trustVersion: 4, devices: 2 },
      { trustVersion: 3, devices: 1 },
    ]);
  });

  test("a version that no document has hides nobody", () => {
    expect(namesBehind(fleetOf({ says: 999 }))).toEqual([["pc-0000", null]]);
  });

  test("the list is the first hundred by name, whatever the order in which they came, and says how many there are", () => {
    const { total, items } = trustReach(fleetOf(...Array.from({ length: 2_500 }, () => ({ says: 1 }))), 3, 4).behind;
    expect(total).toBe(2_500);
    expect(items.map(({ name }) => name)).toEqual(
      Array.from({ length: 100 }, (_, i) => `pc-${String(i).padStart(4, "0")}`),
    );
  });
});
