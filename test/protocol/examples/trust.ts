/** Whom a device believes, and what it is told by them. */
import { later } from "../../../protocol/time.ts";
import { approver, device, holdId, MINUTE, nonce, NOON, online, policyHolder, root, source, stopId } from "./cast.ts";

const holder = (person: string, name: string, { keyId, publicKey }: typeof root) => ({
  person,
  name,
  keys: [{ keyId, kind: "p256", publicKey, starter: false }],
});

export const trustDocument = {
  schema: "ringback.trust/1",
  version: 1,
  issuedAt: NOON,
  expiresAt: later(NOON, 30 * 24 * 60 * MINUTE),
  roots: { threshold: 1, holders: [holder("rosa", "Rosa Root", root)] },
  policyHolders: { threshold: 1, holders: [holder("paul", "Paul Policy", policyHolder)] },
  approvers: { threshold: 1, holders: [holder("ada-byron", "Ada Byron", approver)] },
  online: [{ keyId: online.keyId, publicKey: online.publicKey }],
  passkeys: { rpId: "approve.example.org", origins: ["https://approve.example.org:8443"] },
  eras: [{ source, era: 1 }],
};

export const policy = {
  schema: "ringback.policy/1",
  version: 1,
  issuedAt: NOON,
  sources: [
    {
      source,
      roots: ["C:\\Windows\\System32\\drivers\\CrowdStrike"],
      steps: ["quarantine-file", "restore-file", "set-service-start", "reboot", "await-healthy"],
      holdable: true,
      registryKeys: ["HKLM\\SOFTWARE\\Policies\\Acme"],
    },
  ],
  limits: {
    filesPerOrderMax: 20,
    disruptionGapMs: 10 * MINUTE,
    validityMsMax: 14 * 24 * 60 * MINUTE,
    keyFileAboveDevices: 100,
    restoreThreshold: 2,
  },
  standingOrders: [],
};

export const freshness = {
  schema: "ringback.freshness/1",
  deviceId: device,
  nonce,
  at: later(NOON, 21 * MINUTE),
  trustVersion: 1,
  policyVersion: 1,
};

export const resumeStatement = {
  schema: "ringback.resume/1",
  stopId,
  issuedAt: later(NOON, 60 * MINUTE),
  validUntil: later(NOON, 120 * MINUTE),
  minimumTrustVersion: 1,
};

export const holdStatement = {
  schema: "ringback.hold/1",
  holdId,
  source,
  issuedAt: later(NOON, 23 * MINUTE),
  until: later(NOON, 200 * MINUTE),
  minimumTrustVersion: 1,
};
