/** Who is told of incidents elsewhere, whether that works, and the last messages with what the receiver answered. */
import { IconBan, IconCircleCheck, IconCircleDashed, IconCircleX, IconClock } from "@tabler/icons-react";
import type { z } from "zod";
import { WebhookList, type WebhookView } from "../../../../protocol/api-incidents.ts";
import { Badge } from "../../components/badge.tsx";
import { DataTable } from "../../components/data-table.tsx";
import { Empty } from "../../components/empty.tsx";
import { Moment } from "../../components/moment.tsx";
import { Panel } from "../../components/panel.tsx";
import { ViewPart } from "../../components/view-part.tsx";
import { useView } from "../../hooks/use-view.ts";
import { counted } from "../../words/numbers.ts";
import styles from "./detection.module.css";

const STATES = {
  working: { word: "Working", tone: "good", Icon: IconCircleCheck },
  failing: { word: "Failing", tone: "bad", Icon: IconCircleX },
  disabled: { word: "Switched off", tone: "warn", Icon: IconBan },
  "not-tried": { word: "Not tried yet", tone: "idle", Icon: IconCircleDashed },
} as const;

const DELIVERIES = {
  waiting: { word: "waiting", tone: "busy", Icon: IconClock },
  delivered: { word: "delivered", tone: "good", Icon: IconCircleCheck },
  "given-up": { word: "given up", tone: "bad", Icon: IconCircleX },
} as const;

export function Webhooks() {
  const view = useView(WebhookList, "/webhooks", [{ topic: "incident" }]);
  return (
    <Panel title="Webhooks">
      <ViewPart what="Webhooks" view={view}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty what="Nobody is told elsewhere.">
              <p>
                A webhook tells a chat, a pager or a ticket system of each incident:{" "}
                <code>npm run ringback -- webhooks add --help</code>
              </p>
            </Empty>
          ) : (
            <ul className={styles["webhooks"]}>
              {items.map((webhook) => (
                <Webhook key={webhook.name} webhook={webhook} />
              ))}
            </ul>
          )
        }
      </ViewPart>
    </Panel>
  );
}

function Webhook({
  webhook: { name, url, state, because, deliveries },
}: {
  readonly webhook: z.infer<typeof WebhookView>;
}) {
  return (
    <li>
      <div className={styles["head"]}>
        <h3>{name}</h3>
        <Badge {...STATES[state]} />
        <code>{url}</code>
      </div>
      <p>{because}</p>
      {deliveries.length > 0 && (
        <details>
          <summary className={styles["summary"]}>Last {counted(deliveries.length, "message")}</summary>
          <DataTable
            caption={`Messages to ${name}`}
            columns={["When", "What", "State", "Attempts", "Answer", "Next"]}
            cards
          >
            {deliveries.map((delivery) => (
              <tr key={delivery.id}>
                <td data-label="When">
                  <Moment at={delivery.at} />
                </td>
                <td data-label="What">{delivery.type}</td>
                <td data-label="State">
                  <Badge {...DELIVERIES[delivery.state]} />
                </td>
                <td data-label="Attempts" className="numeric">
                  {delivery.attempts}
                </td>
                <td data-label="Answer">{delivery.answer ?? "none yet"}</td>
                <td data-label="Next">{delivery.nextAt === null ? "not again" : <Moment at={delivery.nextAt} />}</td>
              </tr>
            ))}
          </DataTable>
        </details>
      )}
    </li>
  );
}
