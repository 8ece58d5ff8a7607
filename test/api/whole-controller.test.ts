/** The API in front of the controller as it is shipped: the client parses every answer by the schema that describes it. */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ApiClient } from "../../controller/cli/client.ts";
import { ApiProblem } from "../../controller/cli/errors.ts";
import { GroupName } from "../../protocol/names.ts";
import { aPlanRequest, FAULTY, Hospital, SOUND } from "../support/hospital.ts";

let hospital: Hospital;
let client: ApiClient;
beforeAll(async () => {
  hospital = await Hospital.open({ consoleFolder: join(tmpdir(), "ringback-no-console") });
  client = new ApiClient({ url: hospital.url, token: await hospital.setUp() });
  for (const name of ["PC-1", "PC-2", "PC-3"]) await hospital.healthyMachine(name, [FAULTY]);
});
afterAll(() => hospital.close());

const refusalOf = (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => undefined,
    (error: unknown) => (error instanceof ApiProblem ? error.code : error),
  );

test("shows the fleet", async () => {
  expect(await client.session()).toMatchObject({ name: "Ada Admin", starterKeys: true });
  expect((await client.overview()).devices).toBe(3);
  const first = await client.devices({ limit: 2 });
  const second = await client.devices({ limit: 2, cursor: first.next ?? "" });
  expect([...first.items, ...second.items].map(({ name }) => name).sort()).toEqual(["PC-1", "PC-2", "PC-3"]);
  expect(second.next).toBeNull();
  for (const { id } of first.items) expect((await client.device(id)).content).toEqual([FAULTY]);
  expect((await client.content()).items).toMatchObject([{ sha256: FAULTY.sha256, devices: 3 }]);
  expect((await client.trust()).starterRoles).toEqual(["roots", "policyHolders", "approvers"]);
});

test("keeps groups", async () => {
  const name = GroupName.parse("elm-street");
  expect(await refusalOf(client.putGroup(name, { selector: {} }))).toBe("invalid-request");
  expect(await client.putGroup(name, { selector: { all: true } })).toMatchObject({ name, deviceCount: 3 });
  expect((await client.groups()).items).toHaveLength(1);
  await client.deleteGroup(name);
  expect(await refusalOf(client.deleteGroup(name))).toBe("not-found");
});

describe("a rollback", () => {
  test("goes from declaration to its end, and refuses what is out of turn", async () => {
    const incident = await hospital.incident();
    expect(await client.incident(incident.id)).toMatchObject({ exposed: 3 });
    expect((await client.incidents()).items).toHaveLength(1);

    const plan = await client.makePlan({ ...aPlanRequest(), incident: incident.id });
    expect(await client.plan(plan.id)).toEqual(plan);
    expect(await refusalOf(client.startRollout(plan.id))).toBe("wrong-state");
    expect(await refusalOf(client.approvePlan(plan.id, FAULTY.sha256))).toBe("conflict");
    expect((await client.approvePlan(plan.id, plan.digest)).statement).not.toBeNull();

    const { id } = await client.startRollout(plan.id);
    expect(await refusalOf(client.startRollout(plan.id))).toMatch(/^(conflict|wrong-state)$/);
    expect((await client.rollouts()).items.map((rollout) => rollout.id)).toEqual([id]);
    expect((await client.rolloutDevices(id, { limit: 500 })).items).toHaveLength(3);
    for (const [action, phase] of [
      ["pause", "paused"],
      ["resume", "running"],
      ["halt", "halted"],
      ["abort", "aborted"],
    ] as const) {
      expect((await client.act(id, action, "a test")).phase).toBe(phase);
    }
    expect(await refusalOf(client.act(id, "resume", "too late"))).toBe("wrong-state");
    expect((await client.rollout(id)).events.map(({ kind }) => kind)).toContain("aborted");
    expect(await refusalOf(client.makeUndoPlan(id))).toBe("wrong-state"); // no device was touched
    expect((await client.plans()).items).toHaveLength(1);
  });

  test("is told of as it goes", async () => {
    const stop = new AbortController();
    const { last } = await client.notices();
    const events = client.events(last, stop.signal);
    const next = events.next();
    const content = { source: SOUND.source, sha256: SOUND.sha256 };
    const incident = await client.declareIncident({
      title: "The one before as well",
      content,
      evidence: "It crashed too.",
    });
    expect((await next).value).toMatchObject({ topic: "incident", key: incident.id });
    expect((await client.notices(last)).items).toContainEqual(expect.objectContaining({ key: incident.id }));
    stop.abort();
    expect(await events.next()).toMatchObject({ done: true });
  });
});
