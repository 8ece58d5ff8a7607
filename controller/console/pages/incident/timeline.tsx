/** What happened and what was done, by whom and why; the newest first. */
import { IconAlertTriangle, IconHourglass } from "@tabler/icons-react";
import { Link } from "react-router";
import type { z } from "zod";
import { IncidentTimeline, type IncidentView } from "../../../../protocol/api-incidents.ts";
import { assertNever } from "../../../../protocol/exhaustive.ts";
import { incidentEventWords } from "../../../../protocol/incident-words.ts";
import type { IncidentEvent } from "../../../../protocol/incident.ts";
import { Empty } from "../../components/empty.tsx";
import { Moment } from "../../components/moment.tsx";
import { Panel } from "../../components/panel.tsx";
import { ViewPart } from "../../components/view-part.tsx";
import { useView } from "../../hooks/use-view.ts";
import styles from "./incident.module.css";

const MARKS = {
  plain: null,
  waits: { Icon: IconHourglass, word: "Waits for a person:", tone: "warn" },
  failed: { Icon: IconAlertTriangle, word: "Mind this:", tone: "bad" },
} as const;

export function Timeline({ incident: { id, versions } }: { readonly incident: IncidentView }) {
  const view = useView(IncidentTimeline, `/incidents/${id}/timeline`, [{ topic: "incident", key: id }]);
  return (
    <Panel title="Timeline">
      <ViewPart what="Timeline" view={view}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty what="Nothing is recorded of it." />
          ) : (
            <Events items={items} versions={versions} />
          )
        }
      </ViewPart>
    </Panel>
  );
}

type EventsProps = Pick<z.infer<typeof IncidentTimeline>, "items"> & Pick<IncidentView, "versions">;

function Events({ items, versions }: EventsProps) {
  const events = items.map((event, index) => ({ event, index })).toReversed();
  return (
    <ol className={styles["timeline"]} aria-label="Timeline, newest first">
      {events.map(({ event, index }) => {
        const { what, why, who, weight } = incidentEventWords(event, versions);
        const mark = MARKS[weight];
        return (
          <li key={index} data-tone={mark?.tone}>
            <Moment at={event.at} />
            <div>
              <p>
                {mark !== null && <mark.Icon size={18} aria-label={mark.word} />} <strong>{what}</strong>
              </p>
              <p>{why}</p>
              {linksOf(event).map(({ to, text }) => (
                <p key={to}>
                  <Link to={to}>{text}</Link>
                </p>
              ))}
            </div>
            <span className="muted">{who}</span>
          </li>
        );
      })}
    </ol>
  );
}

/** The ways to what the event is about. */
function linksOf(event: IncidentEvent): { readonly to: string; readonly text: string }[] {
  switch (event.kind) {
    case "rollouts-halted":
      return event.rollouts.map((id) => ({ to: `/rollouts/${id}`, text: `Rollout ${id}` }));
    case "plan-made":
      return [{ to: `/plans/${event.plan}`, text: "Read the plan" }];
    case "merged":
      return [{ to: `/incidents/${event.into}`, text: "Go to that incident" }];
    case "absorbed":
      return [{ to: `/incidents/${event.from}`, text: "See that incident" }];
    case "seen-again":
      return [{ to: `/devices?${new URLSearchParams(event.of).toString()}`, text: "See these devices" }];
    case "hold":
      return event.outcome === "suggested" ? [{ to: "/safety", text: "See what is held" }] : [];
    case "opened":
    case "versions-named":
    case "evidence":
    case "vendor":
    case "silence-over":
    case "closed":
    case "reopened":
      return [];
    default:
      return assertNever(event);
  }
}
