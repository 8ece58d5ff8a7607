/** How much the controller may do about it by itself and why, and what it did to our rollouts. */
import { Link } from "react-router";
import type { IncidentView } from "../../../../protocol/api-incidents.ts";
import { RESPONSE_MODES } from "../../../../protocol/incident-words.ts";
import { Facts } from "../../components/facts.tsx";
import { Panel } from "../../components/panel.tsx";

export function Response({ incident: { response } }: { readonly incident: IncidentView }) {
  const { mode, because, rolloutsHalted, plan } = response;
  const { word, meaning } = RESPONSE_MODES[mode];
  return (
    <Panel title="What is done by itself" aside={<Link to="/detection#responses">Change the rules</Link>}>
      <p>
        <strong>{word}.</strong> {because}
      </p>
      <p className="muted">{meaning}</p>
      <Facts
        facts={[
          [
            "Rollouts halted for it",
            rolloutsHalted.length === 0 ? (
              "none"
            ) : (
              <ul key="halted">
                {rolloutsHalted.map((id) => (
                  <li key={id}>
                    <Link to={`/rollouts/${id}`}>{id}</Link>
                  </li>
                ))}
              </ul>
            ),
          ],
          [
            "Plan",
            plan === null ? (
              "none yet"
            ) : (
              <Link key="plan" to={`/plans/${plan}`}>
                {plan}
              </Link>
            ),
          ],
        ]}
      />
    </Panel>
  );
}
