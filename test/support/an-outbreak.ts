/** An outbreak by simple arithmetic, for tests of what comes after it; name only what the test is about. */
import type { FleetColumns, Outbreak, Scenario } from "../../controller/drill/outbreak.ts";

export interface OutbreakWish {
  readonly size: number;
  readonly seed?: number;
  /** Of the fleet: those that took the faulty version; of these: those that it hurt. */
  readonly exposedShare?: number;
  readonly hurtShare?: number;
  readonly reach?: Scenario["reach"];
  readonly scenario?: Partial<Scenario>;
  /** From the first exposure to the verdict, and to the halt. */
  readonly verdictMinutes?: number;
}

export function anOutbreak(wish: OutbreakWish): Outbreak {
  const { size, seed = 1, exposedShare = 1, hurtShare = 1, verdictMinutes = 15 } = wish;
  const [exposedAt, hurtAt] = [new Uint32Array(size), new Uint32Array(size)];
  const exposed = Math.round(size * exposedShare);
  const hurt = Math.round(exposed * hurtShare);
  for (let device = 0; device < exposed; device += 1) {
    const tenths = Math.floor((verdictMinutes * 600 * device) / exposed);
    exposedAt[device] = tenths + 1;
    if (device < hurt) hurtAt[device] = tenths + 2;
  }
  const ms = verdictMinutes * 60_000;
  return {
    scenario: aScenario(wish),
    fleet: aFleet(size),
    seed,
    moments: { firstCrash: 100, incident: ms / 2, verdict: ms, halt: ms, closed: ms },
    exposedAt,
    hurtAt,
    exposedAtIncident: exposed,
    hurtAtIncident: hurt,
    exposedAtVerdict: exposed,
    hurtAtVerdict: hurt,
    convicted: ["faulty"],
    events: 0,
  };
}

function aFleet(size: number): FleetColumns {
  const siteCount = Math.max(1, Math.ceil(size / 50));
  const numbered = (count: number) =>
    Array.from({ length: size }, (_, n) => Math.imul(n, 0x9e3779b1) >>> 16).map((n) => n % count);
  return {
    size,
    siteCount,
    site: Uint32Array.from(numbered(siteCount)),
    region: new Uint8Array(size),
    segment: new Uint32Array(size),
    class: new Uint8Array(size),
    role: Uint8Array.from(numbered(6)),
    os: new Uint8Array(size),
    model: new Uint16Array(size),
  };
}

function aScenario({ reach, scenario }: OutbreakWish): Scenario {
  return {
    name: "a-loop",
    title: "A boot loop",
    replays: "nothing: made up for a test",
    isNegative: false,
    assumptions: [],
    push: { minutes: 78, share: 1, hour: 9, withdrawnAfterMinutes: 78 },
    harm: {
      effect: "boot-loop",
      share: 1,
      delayMinutes: 0,
      instant: true,
      modelShare: null,
      noticedByPeopleAfterMinutes: null,
    },
    reach: reach ?? { online: 0.2, moments: 0.3, guardian: 0.3, visit: 0.2 },
    restarts: true,
    playbook: "a-playbook",
    ...scenario,
  };
}
