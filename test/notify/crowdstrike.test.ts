import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openConnectors } from "../../controller/notify/connectors-file.ts";
import { post, type Post } from "../../controller/notify/post.ts";
import type { VendorConnectors } from "../../controller/ports/vendors.ts";
import { Sha256 } from "../../protocol/canonical.ts";
import { ContentSourceId } from "../../protocol/content.ts";
import { CLIENT, Falcon } from "../support/falcon.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { temporaryFolder, type TemporaryFolder } from "../support/temporary-folder.ts";
import { until } from "../support/until.ts";

const [A, B, STRANGE] = ["a".repeat(32), "b".repeat(32), "c".repeat(32)];
const CHANNEL = ContentSourceId.parse("crowdstrike.channel-291");
const GOOD = Sha256.parse("1".repeat(64));

let falcon: Falcon;
let folder: TemporaryFolder;
let clock: ManualClock;
/** Short where a test waits for it. */
let withinMs: number | undefined;
const impatient: Post = (posting) => post({ ...posting, withinMs: withinMs ?? posting.withinMs });

beforeEach(async () => {
  falcon = await Falcon.start([A, B]);
  folder = await temporaryFolder();
  clock = new ManualClock();
  withinMs = undefined;
});
afterEach(async () => {
  await falcon.stop();
  await folder[Symbol.asyncDispose]();
});

const waitsForTheClock = () => until("call that waits", () => clock.waiting === 1 || undefined);

async function opened(
  over: { policies?: readonly string[]; mode?: number; secret?: string } = {},
): Promise<VendorConnectors> {
  const credentials = join(folder.path, "falcon.json");
  await writeFile(credentials, JSON.stringify({ ...CLIENT, clientSecret: over.secret ?? CLIENT.clientSecret }));
  await chmod(credentials, over.mode ?? 0o600);
  const file = join(folder.path, "connectors.yaml");
  const pins = [{ sha256: GOOD, category: "sensor_operations", version: "2024.07.1" }];
  const crowdstrike = {
    address: falcon.url.origin,
    credentials: "falcon.json",
    policies: over.policies ?? [A, B],
    pins,
  };
  await writeFile(file, JSON.stringify({ crowdstrike }));
  return openConnectors(file, impatient, clock);
}

test("pausing, reverting and letting go on reach every policy that is named, with one token", async () => {
  const vendors = await opened();
  const outcome = { connector: "crowdstrike", outcome: "done" };
  expect(await vendors.pause(CHANNEL, "it crashes")).toMatchObject([outcome]);
  expect([...falcon.policies.values()]).toEqual(["paused", "paused"]);
  expect(await vendors.revert(CHANNEL, "it crashes")).toMatchObject([outcome]);
  expect([...falcon.policies.values()]).toEqual(["reverted", "reverted"]);
  expect(await vendors.resume(CHANNEL, "it is over")).toMatchObject([outcome]);
  expect([...falcon.policies.values()]).toEqual(["allowed", "allowed"]);
  expect(falcon.tokensGiven).toBe(1);
});

test("a source of another vendor is not its business", async () => {
  expect(await (await opened()).pause(ContentSourceId.parse("acme.content-7"), "it crashes")).toEqual([]);
  expect(falcon.done).toEqual([]);
});

test("pinning names the vendor's own version; of a content that nobody has named it says so", async () => {
  const vendors = await opened();
  expect(await vendors.pin(CHANNEL, GOOD, "stay there")).toMatchObject([{ outcome: "done" }]);
  const pinned = {
    action: "set-pinned-content-version",
    ids: [A, B],
    parameters: [{ name: "sensor_operations", value: "2024.07.1" }],
  };
  expect(falcon.done).toEqual([pinned]);
  const [unknown] = await vendors.pin(CHANNEL, Sha256.parse("2".repeat(64)), "stay there");
  expect(unknown?.because).toMatch(/not by digest/);
  expect(falcon.done).toHaveLength(1);
});

test("a token that is about to expire is not used any more", async () => {
  const vendors = await opened();
  await vendors.pause(CHANNEL, "it crashes");
  clock.advance(falcon.lifetimeSeconds * 1_000 - 30_000);
  expect(await vendors.pause(CHANNEL, "it crashes")).toMatchObject([{ outcome: "done" }]);
  expect(falcon.tokensGiven).toBe(2);
});

test("a token that was revoked is replaced once, and the call made again", async () => {
  const vendors = await opened();
  await vendors.pause(CHANNEL, "it crashes");
  falcon.revoke();
  expect(await vendors.revert(CHANNEL, "it crashes")).toMatchObject([{ outcome: "done" }]);
  expect(falcon.tokensGiven).toBe(2);
});

test("credentials that the vendor does not know are told, and never shown", async () => {
  const vendors = await opened({ secret: "a secret that is wrong" });
  const [outcome] = await vendors.pause(CHANNEL, "it crashes");
  expect(outcome).toMatchObject({ outcome: "failed" });
  expect(outcome?.because).toMatch(/no token \(401\)/);
  expect(JSON.stringify([outcome, vendors.list()])).not.toContain("a secret that is wrong");
  expect(vendors.list()).toMatchObject([{ name: "crowdstrike", state: "failing" }]);
});

test("a short wait that the vendor asks for is kept; a long one is told", async () => {
  const vendors = await opened();
  falcon.troubles.push({ status: 429, headers: { "retry-after": "3" } });
  const paused = vendors.pause(CHANNEL, "it crashes");
  await waitsForTheClock();
  clock.advance(2_999);
  expect(falcon.done).toEqual([]);
  clock.advance(1);
  expect(await paused).toMatchObject([{ outcome: "done" }]);
  falcon.troubles.push({ status: 429, headers: { "retry-after": "600" } });
  expect(await vendors.pause(CHANNEL, "it crashes")).toMatchObject([
    { outcome: "failed", because: "The vendor asks for fewer calls, and to wait 600 s." },
  ]);
});

test("a fault of the vendor's server is tried once more, and then told", async () => {
  const vendors = await opened();
  falcon.troubles.push({ status: 503 });
  const paused = vendors.pause(CHANNEL, "it crashes");
  await waitsForTheClock();
  clock.advance(1_000);
  expect(await paused).toMatchObject([{ outcome: "done" }]);
  falcon.troubles.push({ status: 503 }, { status: 503 });
  const again = vendors.pause(CHANNEL, "it crashes");
  await waitsForTheClock();
  clock.advance(1_000);
  expect(await again).toMatchObject([{ outcome: "failed", because: "The vendor answered 503." }]);
});

test("a sign-in of the vendor that is down is asked once more, and is no fault of the credentials", async () => {
  const vendors = await opened();
  falcon.tokenTroubles.push({ status: 503 });
  const paused = vendors.pause(CHANNEL, "it crashes");
  await waitsForTheClock();
  clock.advance(1_000);
  expect(await paused).toMatchObject([{ outcome: "done" }]);
  clock.advance(3_600_000); // the token has expired
  falcon.tokenTroubles.push({ status: 429, headers: { "retry-after": "60" } });
  const [outcome] = await vendors.pause(CHANNEL, "it crashes");
  expect(outcome?.because).toMatch(/no token \(429\): its sign-in is overloaded/);
  expect(outcome?.because).not.toMatch(/secret/);
});

test("what was done for some policies alone is no success, and names the others", async () => {
  const vendors = await opened({ policies: [A, STRANGE] });
  expect(await vendors.pause(CHANNEL, "it crashes")).toMatchObject([
    { outcome: "failed", because: `Done for 1 of 2 policies; not for ${STRANGE}: no policy ${STRANGE}.` },
  ]);
  expect(falcon.policies.get(A)).toBe("paused");
});

test("a vendor that does not answer keeps nobody waiting, and what is not known is said", async () => {
  const vendors = await opened();
  await vendors.pause(CHANNEL, "it crashes"); // it has its token
  falcon.troubles.push("never");
  withinMs = 300;
  const [outcome] = await vendors.revert(CHANNEL, "it crashes");
  expect(outcome?.because).toMatch(/did not answer within .* Whether it was done is not known/);
});

test("credentials that others may read are refused at the start, and their contents are in no message", async () => {
  const refused = opened({ mode: 0o644 });
  await expect(refused).rejects.toThrow(/may be read by others/);
  await expect(refused).rejects.not.toThrow(new RegExp(CLIENT.clientSecret));
});

test("a connectors file with a fault is refused, with the field", async () => {
  await expect(opened({ policies: ["not an id"] })).rejects.toThrow(/crowdstrike\.policies\.0: expected a policy's id/);
});
