/** What happens in a sentence, how many machines stand how, each leading to them, and what a person should do next. */
import { IconHourglass } from "@tabler/icons-react";
import { Link } from "react-router";
import type { IncidentView } from "../../../../protocol/api-incidents.ts";
import { waitsForPerson } from "../../../../protocol/incident-words.ts";
import { Panel } from "../../components/panel.tsx";
import { devicesOf, devicesStanding } from "../../words/incident-links.ts";
import { STANDING_ORDER, STANDINGS, type Standing as StandingName } from "../../words/incidents.ts";
import { count } from "../../words/numbers.ts";
import styles from "./incident.module.css";
import { Settling } from "./settling.tsx";

export function Standing({ incident }: { readonly incident: IncidentView }) {
  const { sentence, content, exposed, crashed } = incident;
  const waits = waitsForPerson(incident);
  return (
    <Panel title="What happens" aside={<Settling incident={incident} />}>
      <p className={styles["sentence"]} data-testid="sentence">
        {sentence}
      </p>
      <ul className={styles["standings"]}>
        {STANDING_ORDER.map((standing) => (
          <li key={standing}>
            <Count incident={incident} standing={standing} />
          </li>
        ))}
      </ul>
      {content !== null && (
        <p className="muted numeric">
          <Link to={devicesOf(incident)}>{count(exposed)} exposed</Link> in all: they run it, or ran it when last heard.{" "}
          <Link to={devicesOf(incident, { crashed: "yes" })}>{count(crashed)} of these crashed</Link>.
        </p>
      )}
      {waits.length > 0 && (
        <p className={styles["waits"]} data-tone="warn" data-testid="waits-for">
          <IconHourglass size={20} aria-hidden /> <span>Waits for a person: {waits.join("; ")}.</span>
        </p>
      )}
    </Panel>
  );
}

function Count({ incident, standing }: { readonly incident: IncidentView; readonly standing: StandingName }) {
  const { word, meaning, tone, Icon } = STANDINGS[standing];
  const value = incident[standing];
  const to = devicesStanding(incident, standing);
  const inside = (
    <>
      <span className={styles["value"]}>{count(value)}</span>
      <span className={styles["word"]}>
        <Icon size={18} aria-hidden /> {word}
      </span>
    </>
  );
  const look = { className: styles["standing"], "data-tone": tone, "data-zero": value === 0, title: meaning };
  return to === undefined ? (
    <div {...look}>{inside}</div>
  ) : (
    <Link to={to} {...look}>
      {inside}
    </Link>
  );
}
