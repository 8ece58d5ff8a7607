/** One example of everything that is sent or stored: unions by kind, documents by name. */
import { boot } from "./boot.ts";
import { device, deviceKey, files, source } from "./cast.ts";
import { enrolmentRequest } from "./enrolment.ts";
import { agentFrame, controllerFrame } from "./frames.ts";
import { plan, playbook, statement, strategy, waveOrder } from "./plan.ts";
import { receipt, stepReceipt } from "./receipts.ts";
import { report } from "./reports.ts";
import { rolloutEvent } from "./rollout-events.ts";
import { step } from "./steps.ts";
import { freshness, holdStatement, policy, resumeStatement, trustDocument } from "./trust.ts";

export const examples: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "agent-frame": agentFrame,
  "controller-frame": controllerFrame,
  report,
  "boot-end": {
    clean: { kind: "clean" },
    "planned-restart": { kind: "planned-restart" },
    "power-loss": { kind: "power-loss" },
    bugcheck: boot.previousEnd,
    unknown: { kind: "unknown" },
  },
  step,
  "rollout-event": rolloutEvent,
};

export const documents: Readonly<Record<string, unknown>> = {
  "content-source": {
    id: source,
    title: "CrowdStrike Falcon channel file 291",
    files: [files],
    label: { kind: "file-name", pattern: "^C-00000291-\\d{8}-(\\d{8})\\.sys$" },
    product: "CrowdStrike Falcon sensor for Windows",
    registry: [{ key: "HKLM\\SYSTEM\\CrowdStrike", name: "Version", what: "the sensor" }],
    permits: { normal: [], safe: ["quarantine-file", "restore-file"], offline: ["quarantine-file", "restore-file"] },
    hold: { kind: "vendor", how: "a content update policy in the vendor's console" },
    isRestorable: false,
    readBy: "boot-start-driver",
    services: ["CSFalconService"],
    notes: ["files in this folder are no drivers, whatever their names end in"],
  },
  "device-registration": {
    id: device,
    publicKey: deviceKey.publicKey,
    name: "TILL-LDS-01",
    site: "Leeds",
    role: "till",
  },
  group: { name: "fragile", selector: { all: true, except: { roles: ["till"] } } },
  plan,
  "plan-statement": statement,
  playbook,
  receipt,
  strategy,
  "trust-document": trustDocument,
  policy,
  freshness,
  "resume-statement": resumeStatement,
  "hold-statement": holdStatement,
  "step-receipt": stepReceipt,
  "enrolment-request": enrolmentRequest,
  "wave-order": waveOrder,
};
