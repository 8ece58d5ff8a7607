/**
 * The machines that join a lab's real ones, chosen from the same seed: many small sites, one role, the same kinds of fate.
 *
 * A hospital alone cannot convict anybody by numbers; with its surgeries there are enough machines that got the content,
 * enough that did not, and enough places that know nothing of each other.
 */
import type { MachineSpec } from "../fleet.ts";
import { Dice } from "../random.ts";

export interface CrowdSpec extends MachineSpec {
  /** Of the computer that simulates it: a network of its own for each site. */
  readonly address: string;
  /** When a version that is offered to all arrives here, as a share of the time in which it arrives everywhere. */
  readonly turn: number;
}

export const CROWD_MAX = 2_000;
const PLACES =
  "Ashgrove Beechfield Castlegate Dunmore Elmsley Fairholme Greenhill Hawthorn Ivybridge Juniper Kingsway Larkfield " +
  "Millbrook Newlands Oakhurst Priory Queensbury Rosemount Southbank Thornton Underhill Victoria Westbury Yarrow";
const SITES = PLACES.split(" ");

const SECOND = 1_000;
const SHARES = { subscribed: 0.7, noNetwork: 0.12, atBoot: 0.06 } as const;

export function planCrowd(count: number, seed: number): readonly CrowdSpec[] {
  return Array.from({ length: count }, (_, i) => {
    const place = SITES[i % SITES.length] ?? "Ashgrove";
    const n = Math.floor(i / SITES.length) + 1;
    const name = `${place.slice(0, 3).toUpperCase()}-PC-${String(n).padStart(3, "0")}`;
    return machineOf(name, `${place} Surgery`, `127.20.${i % SITES.length}.${(n % 250) + 1}`, seed);
  });
}

function machineOf(name: string, site: string, address: string, seed: number): CrowdSpec {
  const dice = new Dice(seed, `crowd/${name}`);
  const share = (): number => dice.between(0, 9_999) / 10_000;
  const networkAfterMs = dice.between(20 * SECOND, 30 * SECOND);
  const fate = share();
  const hasNoNetwork = fate < SHARES.noNetwork;
  return {
    name,
    site,
    role: "workstation",
    seed: `${seed}/${name}`,
    address,
    turn: share(),
    subscribed: share() < SHARES.subscribed,
    loads: !hasNoNetwork && fate < SHARES.noNetwork + SHARES.atBoot ? "at-boot" : "at-once",
    networkAfterMs,
    servicesAfterMs: dice.between(25 * SECOND, 40 * SECOND),
    dieAfterMs: hasNoNetwork
      ? networkAfterMs - dice.between(6 * SECOND, 10 * SECOND)
      : networkAfterMs + dice.between(80 * SECOND, 90 * SECOND),
    dieAfterLoadMs: dice.between(15 * SECOND, 40 * SECOND),
    restartAfterMs: dice.between(20 * SECOND, 40 * SECOND),
  };
}

/** Whom nobody can reach once it has loaded what is faulty. */
export const isUnreachable = ({ loads, dieAfterMs, networkAfterMs }: MachineSpec): boolean =>
  loads === "at-once" && dieAfterMs < networkAfterMs;
