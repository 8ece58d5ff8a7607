/** From the first crashed machines to an incident and a halt, without a person; through restarts and takeovers. */
import { afterEach, describe, expect, test } from "vitest";
import type { OrchestratorDeps } from "../../controller/orchestrator/orchestrator.ts";
import type { OutwardNotice } from "../../controller/ports/notices.ts";
import type { VendorConnectors } from "../../controller/ports/vendors.ts";
import { openSqliteStoreInThread } from "../../controller/storage/sqlite.ts";
import type { Store } from "../../controller/store.ts";
import { newId } from "../../protocol/ids.ts";
import type { ResponseMode } from "../../protocol/incident.ts";
import { ControllerHarness } from "../support/controller-harness.ts";
import { BAD, DetectedFleet, GOOD, MINUTE } from "../support/detected-fleet.ts";
import { later } from "../../protocol/time.ts";
import { present } from "../support/present.ts";
import { watched } from "../support/watched-store.ts";

const controllers: ControllerHarness[] = [];
afterEach(async () => {
  for (const controller of controllers.splice(0)) await controller.stop();
});

async function aFleet(size = 120, over: Partial<OrchestratorDeps> = {}, store?: Store): Promise<DetectedFleet> {
  const controller = await ControllerHarness.open(over, store);
  controllers.push(controller);
  const fleet = new DetectedFleet(controller);
  await fleet.open(size, 10);
  return fleet;
}
const incidentsOf = async ({ controller }: DetectedFleet) => (await controller.administration.incidents()).items;
const theIncident = async (fleet: DetectedFleet) => {
  const all = await incidentsOf(fleet);
  expect(all).toHaveLength(1);
  return present(all[0]);
};
const kindsOf = async ({ controller }: DetectedFleet, id: Parameters<typeof controller.administration.incident>[0]) =>
  (await controller.administration.incidentTimeline(id)).items.map(({ kind }) => kind);
const ruleFor = ({ controller }: DetectedFleet, mode: ResponseMode) =>
  controller.administration.putResponseRules({ rules: [{ source: BAD.source, mode }] }, "anna");
const evidenceAgainst = async ({ controller }: DetectedFleet) => {
  const { versions } = await controller.administration.detection();
  return versions.find(({ sha256 }) => sha256 === BAD.sha256)?.counts.e;
};

/** A vendor that does what it is asked, and remembers it. */
function aVendor(): { readonly vendors: VendorConnectors; readonly asked: string[] } {
  const asked: string[] = [];
  const answer = (action: string) => async (source: string) => {
    asked.push(`${action} ${source}`);
    return [{ connector: "acme", outcome: "done" as const, because: "The policy is paused." }];
  };
  const [pause, revert, pin, resume] = ["pause", "revert", "pin", "resume"].map(answer);
  const list = () => [
    { name: "acme", title: "Acme", sources: [BAD.source], state: "ready" as const, because: "It answers." },
  ];
  return {
    asked,
    vendors: { list, pause: present(pause), revert: present(revert), pin: present(pin), resume: present(resume) },
  };
}

describe("a faulty push", () => {
  test("opens an incident by itself, with the evidence in words; it acts where the rule says so", async () => {
    const { vendors, asked } = aVendor();
    const fleet = await aFleet(120, { vendors });
    const { administration } = fleet.controller;
    await ruleFor(fleet, "act");
    const ours = await fleet.controller.start({ title: "Something else of Acme's" });
    await fleet.push(5, BAD);
    const incident = await theIncident(fleet);
    expect(incident).toMatchObject({
      cause: "conviction",
      state: "open",
      title: "3 (acme.channel-7) is faulty",
      content: { sha256: BAD.sha256 },
      versions: [{ sha256: BAD.sha256, verdict: "convicted" }],
      response: { mode: "act", rolloutsHalted: [ours.id] },
    });
    const { counts, evidence } = incident;
    expect(counts?.affectedExposed).toBe(counts?.affected);
    expect(evidence.sentence).toBe(
      `${counts?.affected} of ${counts?.affected} crashed machines run 3; of ${counts?.well} others ${counts?.wellExposed} run it.`,
    );
    expect(evidence.unknown.join()).toMatch(/no crash dump/i);
    const opened = (await administration.incidentTimeline(incident.id)).items[0];
    expect(JSON.stringify(opened)).toMatch(/"\d+ of \d+ crashed machines run 3; .*chance alone/);
    expect(JSON.stringify(opened)).not.toMatch(/\de\+\d/); // numbers as people write them
    // The page does not say less than its counts, while what was written down is still young.
    await fleet.push(1, BAD, 5);
    const now = await theIncident(fleet);
    expect(now.counts?.affectedExposed).toBe(30);
    expect(now.sentence).toMatch(/^30 of 30 crashed machines run 3/);
    expect(await administration.rollout(ours.id)).toMatchObject({ phase: "halted" });
    expect(asked).toEqual([`pause ${BAD.source}`]); // once, not with every look
    const kinds = await kindsOf(fleet, incident.id);
    expect(kinds.slice(0, 3)).toEqual(["opened", "versions-named", "evidence"]);
    expect(kinds.filter((kind) => kind === "hold" || kind === "vendor")).toHaveLength(2);
    const crashes = await administration.incidentCrashes(incident.id, { limit: 50 });
    expect(crashes.items).toHaveLength(30);
    const { sites } = await administration.incidentSpread(incident.id);
    expect(sites.reduce((sum, { affected }) => sum + affected, 0)).toBe(30);
    expect(sites.reduce((sum, { devices }) => sum + devices, 0)).toBe(120);
  });

  test("only tells people where the rule says so, and prepares things where it says to propose", async () => {
    const { vendors, asked } = aVendor();
    const fleet = await aFleet(120, { vendors });
    await ruleFor(fleet, "notify");
    const ours = await fleet.controller.start();
    await fleet.push(5, BAD);
    const { id } = await theIncident(fleet);
    expect(await kindsOf(fleet, id)).not.toContain("hold");
    await ruleFor(fleet, "propose");
    await fleet.pass(MINUTE);
    const { items } = await fleet.controller.administration.incidentTimeline(id);
    const prepared = items.filter(({ kind }) => kind === "hold" || kind === "vendor");
    expect(prepared).toMatchObject([{ outcome: "suggested" }, { outcome: "suggested" }]);
    expect(asked).toEqual([]);
    expect(await fleet.controller.administration.rollout(ours.id)).toMatchObject({ phase: "running" });

    // One click does what one person may do, and says of the rest who has to sign it.
    const answer = await fleet.controller.administration.haltIncident(id, { because: "it crashes" }, "anna");
    expect(answer.done.join()).toContain(ours.id);
    expect(asked).toEqual([`pause ${BAD.source}`]);
    expect([...answer.done, ...answer.failed, ...answer.waits].join()).toMatch(/held|hold/);
    expect(await theIncident(fleet)).toMatchObject({ response: { rolloutsHalted: [ours.id] } });
    const again = await fleet.controller.administration.haltIncident(id, { because: "again" }, "anna");
    expect(again.done.join()).not.toContain(ours.id);
    expect(asked).toHaveLength(1);
  });

  test("is followed through a kill and a takeover: the numbers are the same, and so is the verdict", async () => {
    const fleet = await aFleet();
    await fleet.push(2, BAD);
    await fleet.pass(2 * MINUTE);
    const before = present(await evidenceAgainst(fleet));
    expect(before).toBeGreaterThan(1);
    fleet.controller.orchestrator.detection.close(); // killed: what it would save at its end is lost
    await fleet.controller.restart();
    await fleet.pass(MINUTE);
    expect(await evidenceAgainst(fleet)).toBeCloseTo(before, 6);
    await fleet.connect(fleet.ids);
    await fleet.push(3, BAD, 2);
    const { id } = await theIncident(fleet);
    await fleet.controller.restart();
    await fleet.pass(MINUTE);
    expect(await theIncident(fleet)).toMatchObject({ id, state: "open", versions: [{ verdict: "convicted" }] });

    // Another one, that does not lead, shows what the leading one has stored.
    const other = await ControllerHarness.open({}, fleet.controller.store);
    const shown = await other.administration.detection();
    expect(shown.versions.find(({ sha256 }) => sha256 === BAD.sha256)?.status).toBe("convicted");
    expect((await other.administration.incidents()).items).toMatchObject([{ id }]);
    await other.orchestrator.stop();
  });

  test.each(["goes on", "is killed"])(
    "is no secret of a controller whose store failed it, and that %s",
    async (fate) => {
      let isFull = true;
      const store = watched(openSqliteStoreInThread(":memory:"), async (method) => {
        if (method === "appendIncident" && isFull) throw new Error("the disk is full");
      });
      const fleet = await aFleet(120, {}, store);
      fleet.controller.orchestrator.deps.log.error = () => undefined;
      await fleet.push(5, BAD).catch(() => undefined);
      expect(await incidentsOf(fleet)).toEqual([]);
      isFull = false;
      if (fate === "is killed") await fleet.controller.restart();
      await fleet.pass(MINUTE);
      const { id } = await theIncident(fleet);
      expect((await kindsOf(fleet, id)).filter((kind) => kind === "versions-named")).toHaveLength(1);
    },
  );

  test("has its vendor asked until it stands in the incident that it was", async () => {
    let failures = 1;
    const store = watched(openSqliteStoreInThread(":memory:"), async (method, args) => {
      if (method === "appendIncident" && JSON.stringify(args).includes('"kind":"vendor"') && failures-- > 0)
        throw new Error("the disk is full");
    });
    const { vendors } = aVendor();
    const fleet = await aFleet(120, { vendors }, store);
    fleet.controller.orchestrator.deps.log.error = () => undefined;
    await ruleFor(fleet, "act");
    await fleet.push(5, BAD).catch(() => undefined);
    await fleet.pass(MINUTE, 5_000);
    const { id } = await theIncident(fleet);
    const { items } = await fleet.controller.administration.incidentTimeline(id);
    expect(items.filter(({ kind }) => kind === "vendor")).toMatchObject([{ action: "pause", outcome: "done" }]);
  });

  test("that turns up again after its incident was closed opens it again", async () => {
    const fleet = await aFleet();
    await fleet.push(5, BAD);
    const { id } = await theIncident(fleet);
    const { administration } = fleet.controller;
    await administration.closeIncident(id, { because: "the vendor took it back" }, "anna");
    await fleet.pass(2 * MINUTE);
    expect((await administration.incident(id)).state).toBe("closed");
    await fleet.take(fleet.ids.slice(100, 102), BAD);
    await fleet.pass(MINUTE);
    expect(await theIncident(fleet)).toMatchObject({ id, state: "open" });
    expect((await kindsOf(fleet, id)).slice(-2)).toEqual(["seen-again", "reopened"]);
    await expect(
      administration.declareIncident({ title: "7-3", content: BAD, evidence: "seen" }, "anna"),
    ).rejects.toMatchObject({ code: "conflict" });
  });
});

test("machines that fall silent together stop our own rollouts at once, and the same incident gets the name", async () => {
  const fleet = await aFleet(200);
  const { administration, clock } = fleet.controller;
  const ours = await fleet.controller.start();
  const heardAt = clock.now();
  await fleet.pass(MINUTE / 2);
  await fleet.drop(fleet.ids.slice(0, 40), heardAt);
  await fleet.pass(MINUTE / 2, 10_000);
  const incident = await theIncident(fleet);
  expect(incident).toMatchObject({ cause: "mass-silence", content: null, versions: [], affected: 40 });
  expect(incident.response.because).toMatch(/nobody knows/i);
  expect(await administration.rollout(ours.id)).toMatchObject({ phase: "halted" });
  // A moment of network: what lay on the disk at the crash names it.
  await fleet.comeBack(fleet.ids.slice(0, 25), BAD);
  await fleet.pass(2 * MINUTE);
  expect(await theIncident(fleet)).toMatchObject({
    id: incident.id,
    cause: "mass-silence",
    versions: [{ sha256: BAD.sha256, verdict: "convicted" }],
  });
});

test("a file that was told just before the machine died is not excused by a gateway that counts in beats", async () => {
  const fleet = await aFleet();
  for (let group = 0; group < 5; group++) {
    const ids = fleet.ids.slice(group * 5, group * 5 + 5);
    const tookAt = fleet.controller.clock.now();
    await fleet.take(ids, BAD);
    await fleet.pass(MINUTE / 2);
    await fleet.drop(ids, later(tookAt, -15_000));
    await fleet.pass(MINUTE / 2);
    await fleet.comeBack(ids, BAD);
    await fleet.pass(MINUTE);
  }
  expect(await theIncident(fleet)).toMatchObject({ versions: [{ sha256: BAD.sha256, verdict: "convicted" }] });
});

test("where there are too few machines for a verdict, people are told", async () => {
  const fleet = await aFleet(12);
  await fleet.push(2, BAD);
  const { administration } = fleet.controller;
  expect(await administration.detection()).toMatchObject({ canConvict: false, devices: 12 });
  expect((await administration.detection()).sentence).toMatch(/gates of rollouts protect/);
  expect((await administration.overview()).sentence).toMatch(/gates of rollouts protect/);
});

test("people elsewhere are told of a suspect, once, before it is convicted; and of what another controller declared", async () => {
  const told = new Map<string, OutwardNotice>();
  const notifier = {
    tell: async (notices: readonly OutwardNotice[]) => {
      for (const notice of notices) told.set(notice.id, notice);
    },
  };
  const fleet = await aFleet(120, { notifier });
  const kinds = (type: string) => [...told.values()].filter((notice) => notice.type === type);
  for (let group = 0; group < 12 && kinds("incident.opened").length === 0; group++)
    await fleet.crashOn([present(fleet.ids[group])], BAD);
  expect(kinds("detection.suspect")).toMatchObject([{ of: { source: BAD.source, sha256: BAD.sha256 } }]);
  expect([...told.values()][0]?.type).toBe("detection.suspect");
  expect(kinds("incident.opened")).toHaveLength(1);

  const { clock, store } = fleet.controller;
  const stream = newId("stream", clock.now(), new Uint8Array(10).fill(9));
  const other = await ControllerHarness.open({ clock, stream }, store);
  expect(other.orchestrator.leads).toBe(false);
  const content = { source: "acme.engine" as never, sha256: "e".repeat(64) as never };
  const convicted = present((await incidentsOf(fleet))[0]);
  await expect(other.administration.haltIncident(convicted.id, { because: "it crashes" }, "ben")).rejects.toMatchObject(
    { code: "unavailable" },
  ); // it knows no rollouts, so it must not say that all stand still
  const { id } = await other.administration.declareIncident({ title: "by hand", content, evidence: "seen" }, "ben");
  await fleet.pass(6_000, 1_000);
  expect(kinds("incident.opened")).toMatchObject([{}, { incident: id, title: "by hand" }]);
  await other.orchestrator.stop();
});

test("what everybody has already is nobody's fault", async () => {
  const fleet = await aFleet();
  await fleet.push(5, GOOD);
  expect(await incidentsOf(fleet)).toEqual([]);
});
