/** Where the rollout comes from and how long it may go on. */
import { Link } from "react-router";
import type { RolloutView } from "../../../../protocol/api.ts";
import { Copyable } from "../../components/copyable.tsx";
import { Facts } from "../../components/facts.tsx";
import { Moment } from "../../components/moment.tsx";
import { Panel } from "../../components/panel.tsx";
import { duration } from "../../words/numbers.ts";

export function Origin({ rollout, now }: { readonly rollout: RolloutView; readonly now: number }) {
  const { id, plan, incident, undoes, startedAt, validUntil } = rollout;
  return (
    <Panel title="Origin">
      <Facts
        facts={[
          [
            "Plan",
            <Link key="plan" to={`/plans/${plan}`}>
              What is done, where, and who approved it
            </Link>,
          ],
          [
            "Undoes",
            undoes === null ? undefined : (
              <Link key="undoes" to={`/plans/${undoes}`}>
                an earlier plan
              </Link>
            ),
          ],
          ["Started", <Moment key="started" at={startedAt} />],
          [
            "Devices may take the order until",
            <span key="until">
              <Moment at={validUntil} />, {validUntil > now ? `${duration(validUntil - now)} left` : "over"}
            </span>,
          ],
          ["Rollout id", <Copyable key="id" text={id} what="rollout id" />],
          [
            "Incident",
            incident === null ? undefined : (
              <Link key="incident" to={`/incidents/${incident}`}>
                What it answers, with the evidence
              </Link>
            ),
          ],
        ]}
      />
    </Panel>
  );
}
