import { afterEach, beforeEach, expect, test } from "vitest";
import { openAdministration } from "../../controller/administration/administration.ts";
import { loadLibrary } from "../../controller/library/load.ts";
import type { Administration } from "../../controller/ports/administration.ts";
import type { DryRunAnswer, DryRuns } from "../../controller/ports/gateway.ts";
import type { CheckQuestion } from "../../protocol/check.ts";
import type { DeviceId, IncidentId, PlanId } from "../../protocol/ids.ts";
import { ControllerHarness } from "../support/controller-harness.ts";
import type { BootEnd } from "../../protocol/boot.ts";
import { aBoot, aVersion } from "../support/fleet-builders.ts";
import { aGate, aPlanRequest, aStrategy } from "../support/plan-builders.ts";

/** Devices that answer when a test lets them. */
class AskedDevices implements DryRuns {
  readonly questions: CheckQuestion[] = [];
  readonly answers = new Map<DeviceId, DryRunAnswer>();
  ask(devices: Iterable<DeviceId>, question: CheckQuestion) {
    this.questions.push(question);
    for (const device of devices) this.answers.set(device, { kind: "asked" });
    return { answers: this.answers, done: Promise.resolve() };
  }
}

let harness: ControllerHarness;
let administration: Administration;
let asked: AskedDevices;

beforeEach(async () => {
  harness = await ControllerHarness.open();
  const { orchestrator, trust, precautions } = harness;
  asked = new AskedDevices();
  administration = openAdministration({ orchestrator, trust, precautions }, { library: loadLibrary(), dryRuns: asked });
});
afterEach(() => harness.stop());

const declare = async (): Promise<IncidentId> => {
  const { source, sha256 } = aVersion(2);
  const request = { title: "Machines crash", content: { source, sha256 }, evidence: "Three of three." };
  return (await administration.declareIncident(request, "anna")).id;
};

test("a proposed plan is made as it stands: the same devices, the same waves, and the incident knows of it", async () => {
  for (let n = 1; n <= 8; n += 1) await harness.bring(n, { site: `Ward ${n % 3}` });
  const well = await harness.register(9);
  const incident = await declare();
  const proposal = await administration.incidentProposal(incident, {});
  expect(proposal).toMatchObject({ playbook: { name: "content-file" }, targets: 8, missing: [] });
  const plan = await administration.planIncident(incident, {}, "anna");
  expect(plan).toMatchObject({ incident, playbook: { source: aVersion(2).source } });
  expect(plan.waves.map(({ name, deviceCount }) => ({ name, deviceCount }))).toEqual(
    proposal.waves.map(({ name, devices }) => ({ name, deviceCount: devices })),
  );
  expect((await harness.store.plan(plan.id))?.plan.waves.flatMap(({ devices }) => devices)).not.toContain(well);
  expect(harness.orchestrator.incidents.get(incident)?.events.at(-1)).toMatchObject({
    kind: "plan-made",
    plan: plan.id,
    by: { kind: "person", name: "anna" },
  });
});

test("a proposal shows how long it would take: as proposed, all at once, and with nothing but visits", async () => {
  for (let n = 1; n <= 6; n += 1) await harness.bring(n, { site: `Ward ${n % 2}` });
  for (let n = 7; n <= 12; n += 1) await harness.say(await harness.bring(n), { kind: "dropped" });
  await harness.wait(700_000); // they are silent now
  const incident = await declare();
  const { whatIf, targets } = await administration.incidentProposal(incident, {});
  expect(targets).toBe(12);
  expect(whatIf.map(({ strategy }) => strategy)).toEqual(["As proposed", "All at once", "Nothing but visits"]);
  const [proposed, once, visits] = whatIf;
  expect(proposed?.because).toContain("6 answer now; 6 do not answer");
  expect(once?.half).toBeLessThan(visits?.half ?? 0);
  expect(visits?.because).toMatch(/^Nobody is given an order.*100 % after somebody went there/);
  for (const { curve } of whatIf) expect(curve.at(-1)?.recovered).toBeGreaterThan(0.9);
});

test("a page that asks again soon gets the same simulation, and a later one what is true by then", async () => {
  for (let n = 1; n <= 5; n += 1) await harness.bring(n);
  const incident = await declare();
  const first = await administration.incidentProposal(incident, {});
  await harness.bring(6);
  expect((await administration.incidentProposal(incident, {})).whatIf).toEqual(first.whatIf);
  await harness.wait(31_000);
  expect((await administration.incidentProposal(incident, {})).whatIf[0]?.because).toContain("6 answer now");
});

test("the canary of a plan is those whom the fault took down and who still show up, around the sites", async () => {
  const crash: BootEnd = { kind: "bugcheck", bugcheck: { code: "50", parameters: [] } };
  const loops: DeviceId[] = [];
  for (let n = 1; n <= 4; n += 1) {
    const id = await harness.register(n, { site: n < 4 ? "Ward 1" : "Ward 2" });
    await harness.say(id, { kind: "connected" });
    await harness.say(id, {
      kind: "boot-began",
      boot: aBoot({ content: [aVersion(2)], previousEnd: crash, tries: 2 }),
    });
    if (n > 2) await harness.say(id, { kind: "dropped" }); // its loop goes on
    loops.push(id);
  }
  for (let n = 5; n <= 9; n += 1) await harness.bring(n, { site: "Ward 1" });
  const incident = await declare();
  const canaryOf = async (id: PlanId) => (await harness.store.plan(id))?.plan.waves[0]?.devices ?? [];
  const strategy = aStrategy({
    waves: [
      { name: "canary", take: { count: 2 }, gate: aGate() },
      { name: "rest", take: { rest: true }, gate: aGate() },
    ],
  });
  const made = await administration.makePlan(aPlanRequest({ strategy }), "anna");
  expect(await canaryOf(made.id)).toEqual([loops[0], loops[3]]);
  const proposed = await administration.planIncident(incident, {}, "anna");
  const [canary] = proposed.waves;
  expect(canary?.deviceCount).toBe(1);
  expect(loops).toContain((await canaryOf(proposed.id))[0]);
  const { waves } = await administration.incidentProposal(incident, {});
  expect(waves[0]?.because).toContain("of them down: no budget holds those back");

  await harness.wait(3_600_000); // those that left are silent, and nobody has heard of their loops since
  const later = await administration.makePlan(aPlanRequest({ strategy }), "anna");
  expect(new Set(await canaryOf(later.id))).toEqual(new Set([loops[0], loops[1]]));
});

test("the first machines of a plan are of as many models as a site has", async () => {
  for (let n = 1; n <= 20; n += 1) {
    const id = await harness.bring(n);
    const model = n === 6 ? "Surgical panel" : "T14";
    const machine = { build: "10.0.19045", maker: "Acme", model, chassis: "desktop" } as const;
    const bootId = `boot-with-${n}` as ReturnType<typeof aBoot>["bootId"];
    await harness.say(id, { kind: "boot-began", boot: aBoot({ bootId, content: [aVersion(2)], machine }) });
  }
  const plan = await administration.planIncident(await declare(), {}, "anna");
  const canary = (await harness.store.plan(plan.id))?.plan.waves[0]?.devices ?? [];
  const modelsOf = canary.map((id) => harness.orchestrator.fleet.get(id)?.state?.boot?.machine?.model);
  expect(new Set(modelsOf)).toEqual(new Set(["T14", "Surgical panel"]));
});

test("a device whose agent is too old for a step is left out with that reason, also after a restart", async () => {
  for (let n = 1; n <= 4; n += 1)
    await harness.say(await harness.bring(n), { kind: "connected", ...(n === 4 ? {} : { minor: n }) });
  const incident = await declare();
  const leftOut = async () => {
    const { excluded, targets } = await administration.incidentProposal(incident, {
      playbook: "content-file-safe-mode",
    });
    return { targets, old: excluded.find(({ because }) => because.includes("too old"))?.examples };
  };
  expect(await leftOut()).toEqual({ targets: 2, old: ["pc-1", "pc-2"] }); // of the fourth it is not known
  await harness.restart();
  const { orchestrator, trust, precautions } = harness;
  administration = openAdministration({ orchestrator, trust, precautions }, { library: loadLibrary(), dryRuns: asked });
  expect(await leftOut()).toEqual({ targets: 2, old: ["pc-1", "pc-2"] });
});

test("the request of a proposal is what POST /plans takes", async () => {
  for (let n = 1; n <= 5; n += 1) await harness.bring(n);
  const { request } = await administration.incidentProposal(await declare(), {});
  if (request === null) throw new Error("nothing to send");
  expect(await administration.makePlan(request, "anna")).toMatchObject({ title: request.title });
});

test("whoever is in a plan that runs is left out of the next, with the reason", async () => {
  for (let n = 1; n <= 5; n += 1) await harness.bring(n);
  await harness.start();
  const proposal = await administration.incidentProposal(await declare(), {});
  expect(proposal).toMatchObject({ targets: 0, request: null });
  expect(proposal.excluded).toEqual([
    { because: expect.stringMatching(/Another plan/) as string, devices: 5, examples: ["pc-1", "pc-2", "pc-3"] },
  ]);
});

test("what nobody has said makes no plan, and the refusal names it", async () => {
  await harness.bring(1);
  const incident = await declare();
  const refused = administration.planIncident(incident, { playbook: "windows-update-remove" }, "anna");
  await expect(refused).rejects.toMatchObject({ code: "wrong-state", errors: [{ path: "parameters.update" }] });
  expect((await administration.plans()).items).toEqual([]);
});

test("a dry run asks those that are connected what the very steps of the proposal would do", async () => {
  const devices = [];
  for (let n = 1; n <= 8; n += 1) devices.push(await harness.bring(n, { site: `Ward ${n}` }));
  await harness.say(devices[0] as DeviceId, { kind: "dropped" });
  const incident = await declare();
  await expect(administration.dryRun(incident)).rejects.toMatchObject({ code: "not-found" });
  const first = await administration.startDryRun(incident, {});
  const { request } = await administration.incidentProposal(incident, {});
  expect(asked.questions).toEqual([{ source: request?.playbook.source, steps: request?.playbook.steps }]);
  expect(first.devices).toHaveLength(5);
  expect(first.devices.map(({ state }) => state)).not.toContain("not-connected");
  expect(asked.answers.has(devices[0] as DeviceId)).toBe(false);

  const [a, b, c] = [...asked.answers.keys()];
  asked.answers.set(a as DeviceId, { kind: "looked", results: [{ step: 0, would: "change", because: "one file" }] });
  asked.answers.set(b as DeviceId, { kind: "looked", results: [{ step: 0, would: "fail", because: "it is locked" }] });
  asked.answers.set(c as DeviceId, { kind: "too-old" });
  const { devices: answered, sentence } = await administration.dryRun(incident);
  expect(answered.map(({ state }) => state)).toEqual(["answered", "answered", "too-old", "asked", "asked"]);
  expect(answered[1]?.because).toBe("Step 1 would fail: it is locked");
  expect(sentence).toBe(
    "2 of 5 devices answered; the steps would change something on 1 and fail on 1; 2 still look. Nothing was changed.",
  );
});

test("devices that nobody knows are not asked, and no other with them", async () => {
  await harness.bring(1);
  const stranger = "dev_00000000000000000000000000" as DeviceId;
  const incident = await declare();
  await expect(administration.startDryRun(incident, { devices: [stranger] })).rejects.toMatchObject({
    errors: [{ path: "devices" }],
  });
  expect(asked.questions).toEqual([]);
});
