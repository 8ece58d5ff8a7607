import { beforeAll, describe, expect, test } from "vitest";
import { makePlan } from "../../../controller/administration/plans.ts";
import type { ProposalDevice, ProposalFacts, ProposalVersion } from "../../../controller/incidents/proposal/facts.ts";
import { propose } from "../../../controller/incidents/proposal/propose.ts";
import { loadLibrary } from "../../../controller/library/load.ts";
import { PlanProposal } from "../../../protocol/api-proposals.ts";
import { Sha256 } from "../../../protocol/canonical.ts";
import { ContentSourceId } from "../../../protocol/content.ts";
import { newId } from "../../../protocol/ids.ts";
import type { EvidenceCounts } from "../../../protocol/incident.ts";
import type { LibraryPlaybook } from "../../../protocol/library.ts";
import { Role, Site } from "../../../protocol/names.ts";
import { matches, type Selectable } from "../../../protocol/selector.ts";
import { at, later } from "../../../protocol/time.ts";
import { aPolicy } from "../../support/trust.ts";

const NOON = at("2026-11-22T12:00:00Z");
const HOUR = 3_600_000;
const CHANNEL = ContentSourceId.parse("crowdstrike.channel-291");
const VERSION: ProposalVersion = {
  source: CHANNEL,
  sha256: Sha256.parse("a".repeat(64)),
  label: "00000032",
  path: "C:\\Windows\\System32\\drivers\\CrowdStrike\\C-00000291-00000000-00000032.sys",
  firstSeenAt: later(NOON, -HOUR),
};
const ACME = { ...VERSION, source: ContentSourceId.parse("acme.content-7") };
const INCIDENT = newId("inc", NOON, new Uint8Array(10));

let library: readonly LibraryPlaybook[];
beforeAll(() => {
  library = loadLibrary().map(({ entry }) => entry);
});

const bytes = (n: number): Uint8Array =>
  Uint8Array.from([n >> 24, n >> 16, n >> 8, n, 0, 0, 0, 0, 0, 0].map((b) => b & 255));
const aDevice = (n: number, over: Partial<ProposalDevice> = {}): ProposalDevice => ({
  answers: over.connected === false ? "no" : "up",
  id: newId("dev", NOON, bytes(n)),
  name: `PC-${n}`,
  site: Site.parse(`Site ${n % 7}`),
  role: Role.parse("workstation"),
  model: `model ${n % 3}`,
  condition: "healthy",
  connected: true,
  lastHeardAt: later(NOON, -60_000),
  runs: true,
  barred: null,
  inRollout: null,
  minor: null,
  ...over,
});
const aFleet = (count: number, over: (n: number) => Partial<ProposalDevice> = () => ({})): ProposalDevice[] =>
  Array.from({ length: count }, (_, n) => aDevice(n, over(n)));

function proposal(
  devices: Iterable<ProposalDevice>,
  over: Partial<ProposalFacts> = {},
  versions = [ACME],
  counts: EvidenceCounts | null = null,
) {
  const incident = { id: INCIDENT, title: "Machines crash", versions, counts, openedAt: NOON };
  const facts = { incident, devices, library, policy: aPolicy(), wanted: undefined, said: {}, now: NOON, ...over };
  return PlanProposal.parse(propose(facts).proposal);
}
const selectable = ({ id, site, role, runs, condition, lastHeardAt }: ProposalDevice): Selectable => ({
  id,
  site,
  role,
  isIn: () => false,
  runs: () => runs,
  isSilentSince: (since) =>
    (condition === "silent" || condition === "unknown") && lastHeardAt !== null && lastHeardAt >= since,
});
/** What making the plan would select and deal out. */
function planned(devices: readonly ProposalDevice[], { request }: PlanProposal) {
  if (request === null) throw new Error("nothing to send");
  const selected = devices
    .filter(({ barred }) => barred === null)
    .map(selectable)
    .filter((each) => matches(request.devices, each));
  return makePlan(request, selected, { id: newId("plan", NOON, new Uint8Array(10)), at: NOON });
}

describe("the playbook", () => {
  test("of a channel file of CrowdStrike goes through safe mode, with the digests of the incident", () => {
    const { playbook, request } = proposal(aFleet(50), {}, [VERSION]);
    expect(playbook?.name).toBe("crowdstrike-channel-file");
    expect(request?.playbook.steps.map(({ kind }) => kind)).toEqual([
      "set-safe-mode",
      "reboot",
      "quarantine-file",
      "reboot",
      "await-healthy",
    ]);
    expect(request?.playbook.steps[2]).toMatchObject({ where: { sha256: [VERSION.sha256] } });
  });

  test("of a product that nobody knows is the one for any content file, and safe mode is offered beside it", () => {
    const { playbook, alternatives } = proposal(aFleet(50));
    expect(playbook?.name).toBe("content-file");
    expect(alternatives.map(({ name }) => name)).toContain("content-file-safe-mode");
  });

  test("of more versions than a plan can select devices by says so, and nothing is sent", () => {
    const release = Array.from({ length: 25 }, (_, n) => ({
      ...ACME,
      source: ContentSourceId.parse(n === 0 ? ACME.source : `acme.part-${n}`),
    }));
    const { request, missing } = proposal(aFleet(50), { policy: aPolicy() }, release);
    expect(request).toBeNull();
    expect(missing.join()).toMatch(/25 versions are named together/);
  });

  test("is none while the cause is not known, and the proposal says so", () => {
    const { playbook, because, request } = proposal(aFleet(50), {}, []);
    expect({ playbook, request }).toEqual({ playbook: null, request: null });
    expect(because).toMatch(/cause is not known/);
  });

  test("whose number nobody has said is named, and what is missing stands in for the request", () => {
    const updates = [{ ...VERSION, source: ContentSourceId.parse("windows.updates"), label: null, path: null }];
    const open = proposal(aFleet(9), { wanted: "windows-update-remove" }, updates);
    expect(open.request).toBeNull();
    expect(open.missing).toEqual([expect.stringMatching(/^update: /)]);
    const said = proposal(aFleet(9), { wanted: "windows-update-remove", said: { update: "KB5009624" } }, updates);
    expect(said.request?.playbook.steps[0]).toMatchObject({ kind: "remove-update", update: "KB5009624" });
  });

  test("that can roll nothing back says what to do instead, and makes no plan", () => {
    const updates = [{ ...VERSION, source: ContentSourceId.parse("windows.updates"), label: "KB5034441", path: null }];
    const { playbook, because, request, warnings, missing } = proposal(aFleet(9), {}, updates);
    expect(playbook?.name).toBe("windows-recovery-partition");
    expect(request).toBeNull();
    expect(missing).toEqual([]);
    expect(because).toMatch(/Nothing can be rolled back/);
    expect(warnings.join(" ")).toMatch(/[Ee]nlarge the recovery partition/);
  });

  test("for a vendor's console that is down is not taken for machines that crash", () => {
    const counts: EvidenceCounts = {
      affected: 9,
      affectedExposed: 9,
      well: 100,
      wellExposed: 10,
      signals: [{ signal: "bugcheck", exposed: 9, others: 0 }],
      sites: 4,
      coverage: 1,
      e: 1e6,
      threshold: 2e4,
      dumpsFor: 0,
      dumpsElsewhere: 0,
    };
    const sentinel = [{ ...VERSION, source: ContentSourceId.parse("sentinelone.agent") }];
    expect(proposal(aFleet(50), {}, sentinel, counts).playbook?.name).toBe("content-file");
  });

  test("that the policy does not allow is no request, and names what policy holders have to allow", () => {
    const { request, missing } = proposal(aFleet(50), { policy: aPolicy({ sources: [] }) });
    expect(request).toBeNull();
    expect(missing.join(" ")).toMatch(/policy that allows anything for acme\.content-7/);
  });
});

describe("targets", () => {
  const mixed: readonly ProposalDevice[] = [
    ...aFleet(40),
    aDevice(100, { runs: false }),
    aDevice(101, { runs: false, condition: "silent", connected: false }),
    aDevice(102, { runs: false, condition: "unknown", connected: false, lastHeardAt: null }),
    aDevice(103, { runs: false, condition: "silent", connected: false, lastHeardAt: later(NOON, -72 * HOUR) }),
    aDevice(104, { barred: "revoked" }),
    aDevice(105, { barred: "cloned" }),
    aDevice(106, { inRollout: newId("rollout", NOON, new Uint8Array(10)) }),
    aDevice(107, { role: Role.parse("clinical") }),
    aDevice(108, { role: Role.parse("clinical"), condition: "boot-loop", connected: false }),
    aDevice(109, { minor: 2 }),
    aDevice(110, { runs: false, condition: "away", connected: false }),
  ];

  test("are those that run it and those in doubt; every other device stands under one reason", () => {
    const made = proposal(mixed);
    expect(made.targets).toBe(40 + 2); // the one silent since, and the clinical one that is down
    expect(made.excluded.reduce((sum, { devices }) => sum + devices, 0)).toBe(mixed.length - made.targets);
    const reasons = made.excluded.map(({ because }) => because).join("\n");
    for (const reason of [
      /not run the version/,
      /never reported/,
      /more than a day/,
      /revoked/,
      /use its key/,
      /Another plan/,
      /clinical and works/,
      /too old/,
    ])
      expect(reasons).toMatch(reason);
    expect(made.excluded.find(({ because }) => /clinical/.test(because))?.examples).toEqual(["PC-107"]);
  });

  test("are just those that making the plan selects, each in one wave", () => {
    const made = proposal(mixed);
    const { waves } = planned(mixed, made);
    expect(waves.flatMap(({ devices }) => devices)).toHaveLength(made.targets);
    expect(waves.map(({ name, devices }) => ({ name, devices: devices.length }))).toEqual(
      made.waves.map(({ name, devices }) => ({ name, devices })),
    );
  });

  test("a clinical device that is down comes last, and whoever is signed in may put the restart off", () => {
    const made = proposal(mixed);
    expect(made.waves.at(-1)).toMatchObject({ name: "clinical devices", devices: 1 });
    expect(made.request?.playbook.steps.find(({ kind }) => kind === "reboot")).toMatchObject({ deferMs: 4 * HOUR });
    expect(proposal(aFleet(50)).request?.playbook.steps.find(({ kind }) => kind === "reboot")).not.toHaveProperty(
      "deferMs",
    );
  });

  test("no domain controller is sent into safe mode", () => {
    const fleet = [...aFleet(50), aDevice(200, { role: Role.parse("domain-controller") })];
    const made = proposal(fleet, {}, [VERSION]);
    expect(made.targets).toBe(50);
    expect(made.excluded.map(({ because }) => because).join()).toMatch(/safe mode by itself/);
    expect(planned(fleet, made).waves.flatMap(({ devices }) => devices)).not.toContain(fleet[50]?.id);
  });

  test("nobody to help makes no request", () => {
    const made = proposal(aFleet(9, () => ({ runs: false })));
    expect(made).toMatchObject({
      request: null,
      targets: 0,
      missing: [expect.stringMatching(/none runs the version/)],
    });
  });
});

describe("waves", () => {
  const controllers = (n: number): Partial<ProposalDevice> =>
    n % 20 === 0 ? { role: Role.parse("domain-controller") } : {};

  test.each([
    [1, ["canary"], [1]],
    [3, ["canary", "the rest"], [1, 2]],
    [30, ["canary", "the rest"], [3, 27]],
    [200, ["canary", "proof", "the rest"], [5, 40, 155]],
    [1_000, ["canary", "proof", "a tenth", "the rest"], [5, 60, 100, 835]],
    [100_000, ["canary", "proof", "a tenth", "the rest"], [5, 60, 2_000, 97_935]],
  ])("%i devices: %j", (count, names, sizes) => {
    const fleet = aFleet(count);
    const made = proposal(fleet);
    expect(made.waves.map(({ name }) => name)).toEqual(names);
    expect(made.waves.map(({ devices }) => devices)).toEqual(sizes);
    expect(planned(fleet, made).waves.map(({ devices }) => devices.length)).toEqual(sizes);
  });

  test("the proof passes only after 36 that succeeded; a smaller fleet is told what its few can show", () => {
    const proof = proposal(aFleet(200)).request?.strategy.waves[1]?.gate;
    expect(proof).toMatchObject({ sampleMin: { count: 36 }, successShareMin: 0.98 });
    const few = proposal(aFleet(30));
    expect(few.waves[0]?.because).toMatch(/pass it in 73 of 100 cases/);
    expect(few.warnings.join(" ")).toMatch(/cannot tell/);
  });

  test("the canary is of devices that answer, of several sites and models", () => {
    const fleet = aFleet(300, (n) => (n % 2 === 0 ? { connected: false, condition: "silent" } : {}));
    const [canary] = planned(fleet, proposal(fleet)).waves;
    const chosen = fleet.filter(({ id }) => canary?.devices.includes(id));
    expect(chosen.every(({ connected, runs }) => connected && runs)).toBe(true);
    expect(new Set(chosen.map(({ site }) => site)).size).toBe(5);
  });

  test("domain controllers are no canaries, come before the rest, and one at a time", () => {
    const fleet = aFleet(400, controllers);
    const made = proposal(fleet);
    expect(made.waves.map(({ name }) => name)).toEqual(["canary", "proof", "domain controllers", "the rest"]);
    expect(made.request?.strategy.budgets.roles).toEqual([
      { role: "domain-controller", downMax: { count: 1 }, atOnceMax: 1 },
    ]);
    const { waves } = planned(fleet, made);
    const roleOf = new Map(fleet.map(({ id, role }) => [id, role]));
    expect(new Set(waves[2]?.devices.map((id) => roleOf.get(id)))).toEqual(new Set(["domain-controller"]));
    expect(waves[2]?.devices).toHaveLength(20);
  });

  test("where none of them answers, they keep nobody waiting", () => {
    const fleet = aFleet(400, (n) =>
      n % 20 === 0 ? { ...controllers(n), connected: false, condition: "boot-loop" } : {},
    );
    expect(proposal(fleet).waves.map(({ name }) => name)).toEqual([
      "canary",
      "proof",
      "the rest",
      "domain controllers",
    ]);
  });

  test("of a fleet of domain controllers alone one goes first", () => {
    const fleet = aFleet(6, () => ({ role: Role.parse("domain-controller") }));
    expect(proposal(fleet).waves.map(({ name, devices }) => ({ name, devices }))).toEqual([
      { name: "canary", devices: 1 },
      { name: "the rest", devices: 5 },
    ]);
  });
});
