/** The one place that knows which file performs which kind of step. Forgetting one does not compile. */
import type { StepKind } from "../../../protocol/playbook.ts";
import { awaitHealthy } from "./await-healthy.ts";
import { quarantineFile } from "./quarantine-file.ts";
import { reboot } from "./reboot.ts";
import { restoreFile } from "./restore-file.ts";
import { setServiceStart } from "./set-service-start.ts";
import type { StepPerformer } from "./step.ts";

const PERFORMERS: { readonly [K in StepKind]: StepPerformer<K> } = {
  "quarantine-file": quarantineFile,
  "restore-file": restoreFile,
  "set-service-start": setServiceStart,
  reboot,
  "await-healthy": awaitHealthy,
};

export const performerOf = <K extends StepKind>(kind: K): StepPerformer<K> => PERFORMERS[kind];
