/** The one place that knows which file performs which kind of step. Forgetting one does not compile. */
import type { StepKind } from "../../../protocol/playbook.ts";
import { awaitHealthy } from "./await-healthy.ts";
import { blockUpdate } from "./block-update.ts";
import { collectDiagnostics } from "./collect-diagnostics.ts";
import { holdContent } from "./hold-content.ts";
import { installUpdate } from "./install-update.ts";
import { quarantineFile } from "./quarantine-file.ts";
import { reboot } from "./reboot.ts";
import { releaseContent } from "./release-content.ts";
import { removeDriver } from "./remove-driver.ts";
import { removeUpdate } from "./remove-update.ts";
import { restartService } from "./restart-service.ts";
import { restoreFile } from "./restore-file.ts";
import { restoreFromQuarantine } from "./restore-from-quarantine.ts";
import { revertDefinitions } from "./revert-definitions.ts";
import { setRegistryValue } from "./set-registry-value.ts";
import { setSafeMode } from "./set-safe-mode.ts";
import { setServiceStart } from "./set-service-start.ts";
import type { StepPerformer } from "./step.ts";

const PERFORMERS: { readonly [K in StepKind]: StepPerformer<K> } = {
  "quarantine-file": quarantineFile,
  "restore-file": restoreFile,
  "set-service-start": setServiceStart,
  reboot,
  "await-healthy": awaitHealthy,
  "restart-service": restartService,
  "set-registry-value": setRegistryValue,
  "remove-update": removeUpdate,
  "block-update": blockUpdate,
  "install-update": installUpdate,
  "revert-definitions": revertDefinitions,
  "restore-from-quarantine": restoreFromQuarantine,
  "remove-driver": removeDriver,
  "hold-content": holdContent,
  "release-content": releaseContent,
  "set-safe-mode": setSafeMode,
  "collect-diagnostics": collectDiagnostics,
};

export const performerOf = <K extends StepKind>(kind: K): StepPerformer<K> => PERFORMERS[kind];
