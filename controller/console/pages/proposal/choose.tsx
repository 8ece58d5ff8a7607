/** The playbook that fits, why, how it was adapted; and the others that could be meant. */
import { Button } from "@mantine/core";
import type { PlanProposal } from "../../../../protocol/api-proposals.ts";
import { Empty } from "../../components/empty.tsx";
import { Panel } from "../../components/panel.tsx";
import styles from "./proposal.module.css";

interface ChooseProps {
  readonly proposal: PlanProposal;
  readonly onChoose: (playbook: string) => void;
}

export function Choose({ proposal: { playbook, because, alternatives }, onChoose }: ChooseProps) {
  return (
    <Panel title="Playbook" aside={playbook !== null && <code>{playbook.name}</code>}>
      {playbook === null ? (
        <Empty what="No playbook of the library fits.">
          <p>{because}</p>
        </Empty>
      ) : (
        <>
          <h3>{playbook.title}</h3>
          <p>{playbook.summary}</p>
          <p>
            <strong>Why this one:</strong> {because}
          </p>
          {playbook.adapted.length > 0 && (
            <div>
              <p>Adapted to this incident:</p>
              <ul>
                {playbook.adapted.map((line) => (
                  <li key={line}>{line}</li>
                ))}
              </ul>
            </div>
          )}
        </>
      )}
      {alternatives.length > 0 && (
        <details>
          <summary className={styles["summary"]}>Others that could be meant ({alternatives.length})</summary>
          <ul className={styles["alternatives"]}>
            {alternatives.map(({ name, title, because: why }) => (
              <li key={name}>
                <div>
                  <strong>{title}</strong>
                  <p className="muted">{why}</p>
                </div>
                <Button
                  variant="default"
                  size="compact-md"
                  aria-label={`Take ${title} instead`}
                  onClick={() => onChoose(name)}
                >
                  Take it instead
                </Button>
              </li>
            ))}
          </ul>
        </details>
      )}
    </Panel>
  );
}
