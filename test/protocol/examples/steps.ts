/** One step of each kind. */
import { at } from "../../../protocol/time.ts";
import { faulty, files, idOf, MINUTE, NOON, source } from "./cast.ts";

export const step = {
  "quarantine-file": {
    kind: "quarantine-file",
    files,
    where: { sha256: [faulty], header: "aaaaaaaa", modifiedFrom: at("2026-11-22T11:00:00Z"), modifiedBefore: NOON },
    filesMax: 2,
  },
  "restore-file": { kind: "restore-file", files, sha256: faulty, from: { quarantineOf: idOf("plan", "older plan") } },
  "set-service-start": { kind: "set-service-start", service: "CSFalconService", start: "automatic" },
  reboot: { kind: "reboot", noticeMs: MINUTE, deferMs: 60 * MINUTE },
  "await-healthy": {
    kind: "await-healthy",
    services: ["CSFalconService", "Spooler"],
    settleMs: 2 * MINUTE,
    withinMs: 30 * MINUTE,
  },
  "restart-service": { kind: "restart-service", service: "CSFalconService", withinMs: MINUTE },
  "set-registry-value": {
    kind: "set-registry-value",
    key: "HKLM\\SOFTWARE\\Policies\\Acme",
    name: "AutoUpdate",
    value: { kind: "dword", number: 0 },
  },
  "remove-update": { kind: "remove-update", update: "KB5034441", withinMs: 60 * MINUTE },
  "block-update": { kind: "block-update", update: "KB5034441" },
  "install-update": {
    kind: "install-update",
    update: "KB5052077",
    file: "C:\\ProgramData\\Fixes\\windows10.0-kb5052077-x64.msu",
    sha256: faulty,
    withinMs: 60 * MINUTE,
  },
  "revert-definitions": { kind: "revert-definitions", versions: ["1.381.2140.0"], withinMs: 5 * MINUTE },
  "restore-from-quarantine": {
    kind: "restore-from-quarantine",
    threat: "Trojan:Win32/Wacatac.B!ml",
    file: "C:\\Program Files\\Acme\\till.exe",
    sha256: faulty,
  },
  "remove-driver": { kind: "remove-driver", original: "acme.inf", provider: "Acme Ltd", versions: ["10.0.19041.1"] },
  "hold-content": { kind: "hold-content", source },
  "release-content": { kind: "release-content", source },
  "set-safe-mode": { kind: "set-safe-mode", mode: "minimal" },
  "collect-diagnostics": { kind: "collect-diagnostics", parts: ["status", "event-log", "crash-dumps"] },
};
