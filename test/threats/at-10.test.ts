/** AT-10: freeze. Without a word of this moment for this device nothing is begun; reporting goes on, and people see it. */
import { expect, test } from "vitest";
import { initialiseLabMachine } from "../../agent/adapters/lab/initialise.ts";
import { stateFolder } from "../../agent/adapters/lab/layout.ts";
import { writeBelief } from "../../agent/adapters/state-folder.ts";
import { admit } from "../../agent/core/admission.ts";
import { readStatus, tellStatus } from "../../agent/status.ts";
import type { Envelope } from "../../protocol/dsse.ts";
import { later } from "../../protocol/time.ts";
import { ADA, aBelief, ANOTHER_DEVICE, aPlan, DAY, factsNow, MALLORY, NONCE, WORD } from "../support/attack.ts";
import { aContentMachine } from "../support/content-machine.ts";
import { anInMemoryAgent } from "../support/in-memory-agent.ts";
import { makeLabDisk } from "../support/lab-disk.ts";
import { DEVICE, NOON } from "../support/signed-order.ts";
import { aFreshWord } from "../support/trust.ts";

const order = aPlan().orderFor(DEVICE);
const now = later(NOON, 60_000);
const versions = { trustVersion: 2, policyVersion: 2 };
const OTHER_NONCE = Buffer.alloc(32, 2).toString("base64");
const TEN_MINUTES = 600_000;

const FROZEN: readonly {
  readonly name: string;
  readonly envelope: Envelope | undefined;
  readonly askedAgoMs?: number;
  readonly rule?: string;
}[] = [
  { name: "none", envelope: undefined },
  {
    name: "yesterday's, which answers another question",
    envelope: aFreshWord(DEVICE, OTHER_NONCE, later(NOON, -DAY), versions),
  },
  { name: "one of now that answers another question", envelope: aFreshWord(DEVICE, OTHER_NONCE, now, versions) },
  { name: "another device's", envelope: aFreshWord(ANOTHER_DEVICE, NONCE, now, versions) },
  { name: "a good one, more than ten minutes after the question", envelope: WORD, askedAgoMs: TEN_MINUTES + 1 },
  { name: "a good one after an hour", envelope: WORD, askedAgoMs: 6 * TEN_MINUTES },
  { name: "one by a stranger", envelope: aFreshWord(DEVICE, NONCE, now, versions, MALLORY) },
  { name: "one by an approver", envelope: aFreshWord(DEVICE, NONCE, now, versions, ADA) },
  { name: "one whose payload is of another type", envelope: { ...WORD, payloadType: order.order.payloadType } },
  { name: "an order in its place", envelope: order.order },
  {
    name: "one that knows a newer trust document",
    envelope: aFreshWord(DEVICE, NONCE, now, { ...versions, trustVersion: 3 }),
    rule: "trust-version",
  },
  {
    name: "one that knows a newer policy",
    envelope: aFreshWord(DEVICE, NONCE, now, { ...versions, policyVersion: 3 }),
    rule: "policy-version",
  },
];

test("AT-10 a word of this moment is good for ten minutes", () => {
  const fresh = { envelope: WORD, nonce: NONCE, askedAgoMs: TEN_MINUTES };
  expect(admit(order, factsNow({ fresh }))).toMatchObject({ kind: "accepted" });
});

test.each(FROZEN)(`AT-10 of ${FROZEN.length} words: $name`, ({ envelope, askedAgoMs = 0, rule = "stale" }) => {
  expect(admit(order, factsNow({ fresh: { envelope, nonce: NONCE, askedAgoMs } }))).toMatchObject({
    kind: "refused",
    rule,
  });
});

test("AT-10 an agent under a controller that serves old words takes no plan and keeps reporting", async () => {
  const machine = aContentMachine();
  const kept = { belief: aBelief() };
  const { controller, heard, said, send } = await anInMemoryAgent(machine, [], {}, kept);
  await machine.advance(5_000);
  const recorded = aFreshWord(DEVICE, controller.nonces[0] ?? "", machine.now, versions);
  const before = machine.state;
  controller.mailbox = [order];
  controller.word = () => recorded;
  await machine.advance(TEN_MINUTES + 60_000);
  send({ type: "nudge" });
  await machine.advance(5_000);
  expect(heard.map(({ body }) => body)).toContainEqual(
    expect.objectContaining({ kind: "order-refused", rule: "stale" }),
  );
  expect(machine.state).toEqual(before);
  const reports = said.length;
  machine.services.set("Dnscache", { start: "automatic", running: false });
  await machine.advance(60_000);
  send({ type: "trust", documents: [] });
  await machine.advance(60_000);
  expect(said.length).toBeGreaterThanOrEqual(reports);
  expect(new Set(controller.nonces).size).toBe(controller.nonces.length);
  expect(kept.belief.heardAt).not.toBeNull();
});

test("AT-10 status on the machine says whom it believes, until when, and when it last heard", async () => {
  await using disk = await makeLabDisk();
  await initialiseLabMachine(disk.path, { config: { controllers: ["ws://127.0.0.1:9/agent/v1"] } });
  const state = stateFolder(disk.path);
  await writeBelief(state, { ...aBelief(), heardAt: now });
  const status = await readStatus(state, now);
  expect(status.trust).toMatchObject({ trustVersion: 2, policyVersion: 2, isExpired: false, starterRoles: [] });
  expect(tellStatus(status)).toMatch(
    /document 2, good until 2026-12-20[^]*people hold all the keys[^]*last at 2026-11-22T12:01/,
  );
  expect(tellStatus(await readStatus(state, later(NOON, 29 * DAY)))).toMatch(/document 2 EXPIRED/);
});
