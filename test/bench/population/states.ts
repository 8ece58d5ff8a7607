/**
 * What devices of a fleet have reported, as it is stored: nine in ten healthy, a few in boot loops, each with the four
 * files that an agent with two content sources watches. Content differs in few ways, files' times in as many as devices.
 */
import type { DeviceRow, DeviceState } from "../../../controller/store/devices.ts";
import { BootId, type BootReport } from "../../../protocol/boot.ts";
import { sha256Hex } from "../../../protocol/canonical.ts";
import { ContentSourceId, type ContentVersion } from "../../../protocol/content.ts";
import { at, type Instant } from "../../../protocol/time.ts";
import { WindowsPath } from "../../../protocol/windows-path.ts";
import { REGISTERED } from "../../support/fleet-builders.ts";
import { aKey } from "../../support/keys.ts";
import { placed, scattered } from "./places.ts";

export const DAY_BEGAN: Instant = at("2026-11-22T20:00:00Z");
const MINUTE = 60_000;
const PUBLIC_KEY = aKey("a device of the population").publicKey;
const CHANNEL = ContentSourceId.parse("acme.channel-291");
const DEFINITIONS = ContentSourceId.parse("acme.definitions");

interface File {
  readonly source: ContentSourceId;
  readonly path: WindowsPath;
  /** How many versions of it are about. */
  readonly versions: number;
}
const FILES: readonly File[] = [
  {
    source: CHANNEL,
    path: path("C:\\Windows\\System32\\drivers\\Acme\\C-00000291-00000000-00000032.sys"),
    versions: 3,
  },
  {
    source: CHANNEL,
    path: path("C:\\Windows\\System32\\drivers\\Acme\\C-00000285-00000000-00000017.sys"),
    versions: 1,
  },
  { source: DEFINITIONS, path: path("C:\\ProgramData\\Acme\\Definitions\\base.vdm"), versions: 4 },
  { source: DEFINITIONS, path: path("C:\\ProgramData\\Acme\\Definitions\\delta.vdm"), versions: 12 },
];

function path(text: string): WindowsPath {
  return WindowsPath.parse(text);
}

const digests = FILES.map(({ path: name, versions }) =>
  Array.from({ length: versions }, (_, version) => sha256Hex(new TextEncoder().encode(`${name} ${version}`))),
);

/** Made anew at each call, as JSON.parse makes it: nothing is shared between two devices. */
export function versionOf(n: number, file: number, version: number): ContentVersion {
  const { source, path: where } = FILES[file] as File; // callers count up to FILES.length
  const sha256 = digests[file]?.[version] as ContentVersion["sha256"]; // and versions up to the file's
  const label = `${file}-${version}`;
  return {
    source,
    sha256,
    label,
    path: where,
    sizeBytes: 40_960 + version,
    modifiedAt: minutesBefore(scattered(n) % 50_000),
  };
}

const contentOf = (n: number): ContentVersion[] =>
  FILES.map(({ versions }, file) =>
    versionOf(n, file, Math.floor(((scattered(n + file) % 1_000) / 1_000) ** 3 * versions)),
  );

const bootIdOf = (n: number, boot: number): BootId => `${DAY_BEGAN - scattered(n)}.${boot}` as BootId; // of its alphabet

/** @param ends how the boot before ended */
export function bootOf(n: number, boot: number, ends: BootReport["previousEnd"]["kind"] = "clean"): BootReport {
  const crashed = ends === "bugcheck";
  return {
    bootId: bootIdOf(n, boot),
    bootedAt: minutesBefore(scattered(n) % 10_000),
    uptimeMs: 20_000 + (scattered(n) % 30_000),
    kind: "cold",
    mode: "normal",
    tries: crashed ? 3 : 1,
    previousEnd: crashed
      ? { kind: "bugcheck", bugcheck: { code: "50", parameters: ["ffff840500000074", "0", "fffff80368d7a2b1", "2"] } }
      : { kind: ends },
    content: contentOf(n),
    agentVersion: "1.4.2",
    evidence: {
      earlierBoots: [
        { startedAt: minutesBefore(9_000), endedAt: minutesBefore(8_000), kind: "cold", ended: { kind: "clean" } },
      ],
      crashDumps: [],
      startupRepair: null,
    },
  };
}

export const healthyOf = (n: number, boot: number): NonNullable<DeviceState["healthy"]> => ({
  bootId: bootIdOf(n, boot),
  afterMs: 300_000,
  services: [
    { name: "AcmeSensor", running: true },
    { name: "LanmanWorkstation", running: true },
  ],
});

function minutesBefore(minutes: number): Instant {
  return (DAY_BEGAN - minutes * MINUTE) as Instant;
}

/** Every twentieth device is in a boot loop; one in twenty-five has announced a shutdown. */
export function rowOf(n: number, size: number): DeviceRow {
  const loops = scattered(n + 3) % 20 === 0;
  const boot = bootOf(n, 1, loops ? "bugcheck" : "clean");
  const state: DeviceState = {
    lastHeardAt: minutesBefore(scattered(n + 5) % 600),
    boot,
    healthy: loops ? null : healthyOf(n, 1),
    content: boot.content,
    leaving: !loops && scattered(n + 4) % 25 === 0 ? "shutdown" : null,
    trust: { trustVersion: 1 + (scattered(n + 6) % 2), policyVersion: 1 },
    minor: 4,
  };
  const { id, site, role } = placed(n, size);
  return {
    id,
    publicKey: PUBLIC_KEY,
    name: `PC-${n}`,
    site,
    role,
    registeredAt: minutesBefore(300_000),
    ...REGISTERED,
    state,
  };
}

/** The same as it comes out of a database: parsed from text, so that it shares nothing with any other row. */
export const rowAsRead = (n: number, size: number): DeviceRow =>
  JSON.parse(JSON.stringify(rowOf(n, size))) as DeviceRow;
