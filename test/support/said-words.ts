/**
 * What the machines of a drill say, as agents and gateways would say it: protocol messages in the order in which they
 * were said, to be said to a real controller.
 */
import { DEVICE_CLASSES } from "../../controller/detection/types.ts";
import { type SaidCrash, type SaidVersion, saysModel, UPTIME_TICKS, type Words } from "../../controller/drill/words.ts";
import type { FleetColumns } from "../../controller/drill/outbreak.ts";
import type { Presence } from "../../controller/store/feed.ts";
import type { BootEnd, BootReport, LoggedBoot } from "../../protocol/boot.ts";
import { sha256Hex } from "../../protocol/canonical.ts";
import { ContentVersion } from "../../protocol/content.ts";
import type { ReportBody } from "../../protocol/frames.ts";
import type { Instant } from "../../protocol/time.ts";
import { aBoot } from "./fleet-builders.ts";

const TICK_MS = 100;
const BUGCHECK = { code: "50", parameters: [] };

/** Something that was said of a machine, by itself or by its gateway. */
export interface Spoken {
  readonly at: number;
  readonly device: number;
  readonly gateway: number;
  readonly words: { readonly presence: Presence } | { readonly body: ReportBody };
}

/** As an agent names it; a product has one place on the disk. */
const contentVersion = ({ name, product, writtenAt }: SaidVersion): ContentVersion =>
  ContentVersion.parse({
    source: `drill-${product}.content`,
    sha256: sha256Hex(new TextEncoder().encode(name)),
    label: name,
    path: `C:\\ProgramData\\Drill\\product-${product}.bin`,
    sizeBytes: 1_024,
    modifiedAt: writtenAt,
  });

export class SaidWords implements Words {
  readonly spoken: Spoken[] = [];
  /** Versions in the order in which the controller hears of them. */
  readonly versions = new Map<string, ContentVersion>();
  readonly #gateways: number[] = [];
  #boots = 0;

  connected(at: number, device: number, gateway: number, replacedHeardAt: number | null): void {
    this.#gateways[device] = gateway;
    const replaced = replacedHeardAt === null ? {} : { replacedHeardAt: replacedHeardAt as Instant };
    this.#say(at, device, { presence: { kind: "connected", ...replaced } });
  }

  dropped(at: number, device: number, lastHeardAt: number): void {
    this.#say(at, device, { presence: { kind: "dropped", lastHeardAt: lastHeardAt as Instant } });
  }

  leaving(at: number, device: number, reason: Parameters<Words["leaving"]>[2]): void {
    this.#say(at, device, { body: { kind: "leaving", reason } });
  }

  tookContent(at: number, device: number, said: SaidVersion): void {
    const version = this.#version(said);
    const entry = { change: "appeared", noticedAt: version.modifiedAt, version } as const;
    this.#say(at, device, { body: { kind: "content-changed", entry } });
  }

  booted(at: number, device: number, content: readonly SaidVersion[], crash: SaidCrash | null): void {
    this.#boots += 1;
    const uptimeMs = UPTIME_TICKS * TICK_MS;
    const boot = aBoot({
      bootId: `boot-${this.#boots}` as BootReport["bootId"],
      bootedAt: (at - uptimeMs) as Instant,
      uptimeMs,
      content: content.map((said) => this.#version(said)),
      ...(crash === null ? {} : endOf(crash)),
    });
    this.#say(at, device, { body: { kind: "boot-began", boot } });
  }

  deaf(): void {
    throw new Error("a controller that does not listen for a while is not played; take another seed");
  }

  #version(said: SaidVersion): ContentVersion {
    const version = this.versions.get(said.name) ?? contentVersion(said);
    this.versions.set(said.name, version);
    return { ...version, modifiedAt: said.writtenAt as Instant };
  }

  #say(at: number, device: number, words: Spoken["words"]): void {
    this.spoken.push({ at, device, gateway: this.#gateways[device] ?? 0, words });
  }
}

/** How the boots since its last report ended: the first of them with its goodbye, where nobody heard the one that crashed. */
function endOf({ signal, endedAt, wasHeard, product }: SaidCrash): Pick<BootReport, "previousEnd" | "evidence"> {
  const previousEnd: BootEnd =
    signal === "bugcheck" ? { kind: "bugcheck", bugcheck: BUGCHECK } : { kind: "power-loss" };
  const logged = (ended: BootEnd, at: number | null): LoggedBoot => {
    return { startedAt: null, endedAt: at as Instant | null, kind: "cold", ended };
  };
  const last = logged(previousEnd, endedAt);
  const because = "The faulting address lies in it.";
  const dump = {
    file: "C:\\Windows\\MEMORY.DMP",
    bugcheck: BUGCHECK,
    crashedAt: endedAt as Instant,
    uptimeMs: null,
    build: 19_045,
    suspect: { driver: `drill-${product}.sys`, because },
  };
  return {
    previousEnd,
    evidence: {
      earlierBoots: wasHeard ? [last] : [logged({ kind: "clean" }, null), last],
      crashDumps: product === null ? [] : [dump],
      startupRepair: null,
    },
  };
}

/** What an agent says of its machine. */
export function machineOf({ os, model, region }: FleetColumns, device: number): NonNullable<BootReport["machine"]> {
  const says = saysModel(device);
  return {
    build: `10.0.${os[device]}`,
    maker: says ? "Drill" : null,
    model: says ? `Model ${model[device]}` : null,
    chassis: null,
    utcOffsetMinutes: 60 * (region[device] ?? 0),
  };
}

/** What an inventory calls a machine. */
export function inventoryRole(columns: FleetColumns, device: number): string {
  const really = DEVICE_CLASSES[columns.class[device] ?? 0];
  return really === "server" ? "server" : really === "mobile" ? "laptop" : "workstation";
}
