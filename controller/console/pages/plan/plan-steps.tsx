/** What each machine is told to do, step by step. */
import type { PlanView } from "../../../../protocol/api.ts";
import { Panel } from "../../components/panel.tsx";
import { stepWords } from "../../words/steps.ts";
import styles from "./plan.module.css";

export function PlanSteps({ plan: { playbook } }: { readonly plan: Pick<PlanView, "playbook"> }) {
  return (
    <Panel title="What is done on each device" aside={<span className="muted">{playbook.title}</span>}>
      <p className="muted">
        For the content source <code>{playbook.source}</code>. A device that fails a step takes back what it did in this
        order.
      </p>
      <ol className={styles["steps"]}>
        {playbook.steps.map((step, index) => {
          const { what, details } = stepWords(step);
          return (
            // biome-ignore lint: the steps of a plan never change, their place is their identity
            <li key={index}>
              {what}
              {details.length > 0 && (
                <ul>
                  {details.map((detail) => (
                    <li key={detail}>{detail}</li>
                  ))}
                </ul>
              )}
            </li>
          );
        })}
      </ol>
    </Panel>
  );
}
