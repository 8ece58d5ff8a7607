import { afterEach, beforeEach, expect, test } from "vitest";
import { openAdministration } from "../../controller/administration/administration.ts";
import { loadLibrary } from "../../controller/library/load.ts";
import type { Administration, DryRunAnswer, DryRuns } from "../../controller/ports.ts";
import type { CheckQuestion } from "../../protocol/check.ts";
import type { DeviceId, IncidentId } from "../../protocol/ids.ts";
import { ControllerHarness } from "../support/controller-harness.ts";
import { aVersion } from "../support/fleet-builders.ts";

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
