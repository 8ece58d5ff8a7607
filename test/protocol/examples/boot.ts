/** A machine after three boots with a faulty version, as it reports itself. */
import { registryPlace, registryVersionDigest } from "../../../protocol/registry-version.ts";
import { RegistryKey } from "../../../protocol/registry.ts";
import { at } from "../../../protocol/time.ts";
import { bootId, faulty, path, source } from "./cast.ts";

export const version = {
  source,
  sha256: faulty,
  label: "00000032",
  path,
  sizeBytes: 41_004,
  modifiedAt: at("2026-11-22T11:09:00Z"),
};

const registryKey = RegistryKey.parse("HKLM\\SOFTWARE\\Microsoft\\Windows Defender\\Signature Updates");

const registryVersion = {
  source: "defender.definitions",
  label: "1.415.231.0",
  path: registryPlace(registryKey, "AVSignatureVersion"),
  modifiedAt: at("2026-11-22T11:05:00Z"),
  ...registryVersionDigest({
    source: "defender.definitions",
    key: registryKey,
    name: "AVSignatureVersion",
    value: { kind: "string", text: "1.415.231.0" },
  }),
};

export const boot = {
  bootId,
  bootedAt: at("2026-11-22T11:58:02Z"),
  uptimeMs: 4_210,
  kind: "cold",
  mode: "normal",
  tries: 3,
  previousEnd: {
    kind: "bugcheck",
    bugcheck: { code: "50", parameters: ["ffff840500000074", "0", "fffff8053a6e1f3c", "2"] },
  },
  content: [version, registryVersion],
  agentVersion: "0.1.0",
  evidence: {
    earlierBoots: [
      {
        startedAt: at("2026-11-22T11:52:40Z"),
        endedAt: at("2026-11-22T11:55:01Z"),
        kind: "cold",
        ended: {
          kind: "bugcheck",
          bugcheck: { code: "50", parameters: ["ffff840500000074", "0", "fffff8053a6e1f3c", "2"] },
        },
      },
      { startedAt: null, endedAt: null, kind: "unknown", ended: { kind: "unknown" } },
    ],
    crashDumps: [
      {
        file: "112226-9140-01.dmp",
        bugcheck: { code: "50", parameters: ["ffff840500000074", "0", "fffff8053a6e1f3c", "2"] },
        crashedAt: at("2026-11-22T11:55:01Z"),
        uptimeMs: 141_000,
        build: 26_100,
        suspect: { driver: "csagent.sys", because: "the instruction that failed lies in it (bugcheck parameter 3)" },
      },
    ],
    startupRepair: { sessions: 2, repairAttempts: 2, rootCauses: ["A patch is preventing the system from starting."] },
  },
  machine: { build: "10.0.26100", maker: "Acme Ltd", model: "Till 3", chassis: "desktop", utcOffsetMinutes: 60 },
};
