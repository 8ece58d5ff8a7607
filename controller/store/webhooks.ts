/** Where messages are sent, and what waits to be sent there. */
import type { Instant } from "../../protocol/time.ts";

/** Where messages are sent. Its secrets are made of a key in the data folder, its id and its generation. */
export interface WebhookRow {
  readonly name: string;
  readonly id: string;
  readonly url: string;
  readonly generation: number;
  readonly rotatedAt: Instant;
  /** Null while messages are sent. */
  readonly disabledBecause: string | null;
  readonly madeAt: Instant;
  readonly madeBy: string;
}

/** A message for a webhook. `nextAt` is null when it is delivered or given up. */
export interface WebhookDeliveryRow {
  /** The webhook's id. */
  readonly webhook: string;
  readonly id: string;
  readonly type: string;
  readonly at: Instant;
  readonly body: string;
  readonly attempts: number;
  readonly state: "waiting" | "delivered" | "given-up";
  readonly answer: string | null;
  readonly nextAt: Instant | null;
}

export interface WebhookStore {
  /** False if the name is taken. */
  addWebhook(webhook: WebhookRow): Promise<boolean>;
  /** By name. */
  webhooks(): Promise<readonly WebhookRow[]>;
  /** False if there is none with this id. */
  changeWebhook(
    id: string,
    change: Partial<Pick<WebhookRow, "generation" | "rotatedAt" | "disabledBecause">>,
  ): Promise<boolean>;
  /** With everything that waits for it. False if there was none. */
  deleteWebhook(id: string): Promise<boolean>;
  /**
   * Those that are there already (same webhook, same id) stay as they are. What is over and older than that is
   * forgotten.
   */
  addDeliveries(deliveries: readonly WebhookDeliveryRow[], forgetBefore: Instant): Promise<void>;
  /** Those of a webhook that wait and are due by then, the longest due first. */
  deliveriesDue(webhook: string, by: Instant, limit: number): Promise<readonly WebhookDeliveryRow[]>;
  recordDelivery(
    delivery: Pick<WebhookDeliveryRow, "webhook" | "id" | "attempts" | "state" | "answer" | "nextAt">,
  ): Promise<void>;
  /** Newest first. */
  deliveriesOf(webhook: string, limit: number): Promise<readonly WebhookDeliveryRow[]>;
}
