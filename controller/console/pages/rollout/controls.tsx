/**
 * What a person can do to the rollout. The bar stays in sight while the page scrolls, so that a halt is always one press
 * and one confirmation away; Alt+H presses it.
 */
import { Button } from "@mantine/core";
import { IconArrowBackUp, IconCircleX, IconHandStop, IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useState } from "react";
import type { RolloutAction, RolloutView } from "../../../../protocol/api.ts";
import { ActionDialog } from "../../components/action-dialog.tsx";
import { Badge } from "../../components/badge.tsx";
import { useAltKey } from "../../hooks/use-alt-key.ts";
import { ACTIONS } from "../../words/actions.ts";
import { PHASES } from "../../words/phases.ts";
import styles from "./rollout.module.css";
import { UndoDialog } from "./undo-dialog.tsx";

const ICONS = { halt: IconHandStop, pause: IconPlayerPause, resume: IconPlayerPlay, abort: IconCircleX } as const;

export function Controls({ rollout }: { readonly rollout: RolloutView }) {
  const [asked, setAsked] = useState<RolloutAction | "undo">();
  const phase = PHASES[rollout.phase];
  useAltKey("H", () => {
    if (phase.actions.includes("halt")) setAsked("halt");
  });
  const close = (): void => setAsked(undefined);
  return (
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a fieldset is for fields
    <div className={styles["controls"]} role="group" aria-label="Controls of the rollout">
      <Badge {...phase} size="large" />
      {phase.actions.map((action) => {
        const Icon = ICONS[action];
        return (
          <Button
            key={action}
            {...(action === "halt" ? { color: "var(--bad-fill)" } : { variant: "default" })}
            leftSection={<Icon size={20} aria-hidden />}
            title={action === "halt" ? "Alt+H" : undefined}
            aria-keyshortcuts={action === "halt" ? "Alt+H" : undefined}
            onClick={() => setAsked(action)}
          >
            {ACTIONS[action].verb}
          </Button>
        );
      })}
      <Button
        variant="default"
        leftSection={<IconArrowBackUp size={20} aria-hidden />}
        onClick={() => setAsked("undo")}
      >
        Undo
      </Button>
      {asked === "undo" && <UndoDialog rollout={rollout} onClose={close} />}
      {asked !== undefined && asked !== "undo" && <ActionDialog action={asked} rollout={rollout} onClose={close} />}
    </div>
  );
}
