/**
 * Webhooks: who is told, and that everybody is.
 *
 * Invariant: what `tell` has resolved for stands in the store and is sent until the receiver has it or the tries are used up,
 * through any number of restarts; it may arrive twice, with the same `webhook-id`. No secret is in the log or the database.
 */
import type { WebhookMade, WebhookRequest, WebhookView } from "../../protocol/api-incidents.ts";
import { type Instant, later } from "../../protocol/time.ts";
import type { z } from "zod";
import type { Clock, Log, Random } from "../ports.ts";
import type { OutwardNotice, Webhooks } from "../ports/notices.ts";
import { Refused } from "../ports/refused.ts";
import type { Store } from "../store.ts";
import type { WebhookDeliveryRow, WebhookRow } from "../store/webhooks.ts";
import { faultOfUrl } from "./address-guard.ts";
import { messageOf, testMessage } from "./message.ts";
import type { Post } from "./post.ts";
import { nextTryMs, retryAfterMs, verdictOn } from "./schedule.ts";
import { keysOf, signatureHeader, signingGenerations } from "./signing.ts";

const DAY_MS = 86_400_000;
const KEEP_MS = 30 * DAY_MS;
const WEBHOOKS_MAX = 50;
const DELIVERIES_SHOWN = 20;
/** To one receiver in one round, one after the other; of a round each receiver has its own, so none waits for another's. */
const DUE_MAX = 20;
const WITHIN_MS = 15_000;
const ANSWER_BYTES_MAX = 64 * 1024;
/** Another process may have stored something, or the leader may have changed. */
const LOOK_MS = 10_000;

export interface WebhookDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly post: Post;
  readonly masterKey: Uint8Array;
  /** The administrator allows addresses behind the firewall. */
  readonly allowsPrivate: boolean;
  /** Of several controllers on one database one sends. */
  readonly maySend: () => boolean;
}

export class WebhookSender implements Webhooks {
  private readonly deps: WebhookDeps;
  /** By webhook: leave it alone until then. */
  private readonly throttled = new Map<string, Instant>();
  private sending: Promise<void> | undefined;
  private isWanted = false;
  private stopped = false;
  private forgetAlarm: (() => void) | undefined;

  constructor(deps: WebhookDeps) {
    this.deps = deps;
  }

  /** Sends what is left over from before, and goes on looking. */
  start(): void {
    this.poke();
  }

  /** Resolves when nothing is on its way any more. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.forgetAlarm?.();
    await this.sending;
  }

  async tell(notices: readonly OutwardNotice[]): Promise<void> {
    const hooks = (await this.deps.store.webhooks()).filter(({ disabledBecause }) => disabledBecause === null);
    if (hooks.length === 0 || notices.length === 0) return;
    const rows = hooks.flatMap((hook) =>
      notices
        .filter(({ at }) => at >= hook.madeAt) // after a restart the last day is told again
        .map((notice) => this.waiting(hook, notice.id, notice.type, notice.at, messageOf(notice))),
    );
    await this.deps.store.addDeliveries(rows, later(this.deps.clock.now(), -KEEP_MS));
    this.poke();
  }

  async list(): Promise<readonly WebhookView[]> {
    return Promise.all((await this.deps.store.webhooks()).map((row) => this.view(row)));
  }

  async make({ name, url }: z.infer<typeof WebhookRequest>, by: string): Promise<z.infer<typeof WebhookMade>> {
    const { store, clock, random, allowsPrivate } = this.deps;
    const fault = faultOfUrl(new URL(url), allowsPrivate);
    if (fault !== undefined)
      throw new Refused("invalid-request", `The address ${fault}. Nothing was stored.`, [
        { path: "url", message: fault },
      ]);
    if ((await store.webhooks()).length >= WEBHOOKS_MAX)
      throw new Refused("wrong-state", `There are ${WEBHOOKS_MAX} webhooks already. Delete one first.`);
    const at = clock.now();
    const id = `wh_${Buffer.from(random(16).subarray(0, 16)).toString("hex")}`;
    const row = { name, id, url, generation: 1, rotatedAt: at, disabledBecause: null, madeAt: at, madeBy: by };
    if (!(await store.addWebhook(row))) throw new Refused("conflict", `There is a webhook "${name}" already.`);
    return this.made(row);
  }

  async remove(name: string): Promise<void> {
    const { id } = await this.find(name);
    await this.deps.store.deleteWebhook(id);
    this.throttled.delete(id);
  }

  async rotate(name: string): Promise<z.infer<typeof WebhookMade>> {
    const row = await this.find(name);
    const change = { generation: row.generation + 1, rotatedAt: this.deps.clock.now() };
    await this.deps.store.changeWebhook(row.id, change);
    return this.made({ ...row, ...change });
  }

  async switch(name: string, isOn: boolean, by: string): Promise<WebhookView> {
    const row = await this.find(name);
    await this.deps.store.changeWebhook(row.id, { disabledBecause: isOn ? null : `${by} switched it off.` });
    if (isOn) this.poke();
    return this.view(await this.find(name));
  }

  async test(name: string): Promise<WebhookView> {
    const { clock, random, store } = this.deps;
    const row = await this.find(name);
    const at = clock.now();
    const id = `test_${Buffer.from(random(16).subarray(0, 16)).toString("hex")}`;
    const delivery = this.waiting(row, id, "ringback.test", at, testMessage(at));
    await store.addDeliveries([delivery], later(at, -KEEP_MS));
    await this.send(row, delivery); // also where it is disabled or left alone: a person asks
    return this.view(await this.find(name));
  }

  private waiting(
    { id: webhook }: WebhookRow,
    id: string,
    type: string,
    at: Instant,
    body: string,
  ): WebhookDeliveryRow {
    const nextAt = this.deps.clock.now();
    return { webhook, id, type, at, body, attempts: 0, state: "waiting", answer: null, nextAt };
  }

  /** Looks soon for what is due. Cheap to call often. */
  private poke(): void {
    this.isWanted = true;
    if (this.stopped || this.sending !== undefined) return;
    this.sending = this.sendDue().finally(() => {
      this.sending = undefined;
      if (this.isWanted && !this.stopped) this.poke();
    });
  }

  private async sendDue(): Promise<void> {
    const { store, clock, log, maySend } = this.deps;
    this.isWanted = false;
    this.forgetAlarm?.();
    try {
      if (maySend()) {
        const hooks = (await store.webhooks()).filter((hook) => this.mayHave(hook));
        const sent = await Promise.all(hooks.map((hook) => this.sendDueTo(hook)));
        if (sent.some((count) => count > 0)) this.isWanted = true;
      }
    } catch (error) {
      log.error({ error: String(error) }, "webhooks could not be sent; they wait in the database and are tried again");
    }
    if (!this.stopped) this.forgetAlarm = clock.after(LOOK_MS, () => this.poke());
  }

  private mayHave({ id, disabledBecause }: WebhookRow): boolean {
    return disabledBecause === null && (this.throttled.get(id) ?? 0) <= this.deps.clock.now();
  }

  /** Ends with the first that does not arrive: a receiver that hangs holds the round up once. Answers how many it tried. */
  private async sendDueTo(hook: WebhookRow): Promise<number> {
    const { store, clock } = this.deps;
    let tried = 0;
    for (const delivery of await store.deliveriesDue(hook.id, clock.now(), DUE_MAX)) {
      if (this.stopped) break;
      tried++;
      if (!(await this.send(hook, delivery))) break;
    }
    return tried;
  }

  /** Whether it has arrived. */
  private async send(hook: WebhookRow, delivery: WebhookDeliveryRow): Promise<boolean> {
    const { store, clock, random, log, post, allowsPrivate } = this.deps;
    const now = clock.now();
    const timestamp = Math.floor(now / 1_000);
    const { id, body, webhook } = delivery;
    const keys = signingGenerations(hook.generation, hook.rotatedAt, now).map((each) => this.keys(hook, each));
    const posted = await post({
      method: "POST",
      url: new URL(hook.url),
      headers: {
        "content-type": "application/json",
        "user-agent": "Ringback",
        "webhook-id": id,
        "webhook-timestamp": String(timestamp),
        "webhook-signature": signatureHeader(keys, { id, timestamp, body }),
      },
      body,
      withinMs: WITHIN_MS,
      answerBytesMax: ANSWER_BYTES_MAX,
      allowsPrivate,
    });
    const verdict = verdictOn(
      posted.kind === "answered"
        ? { kind: "status", status: posted.status, retryAfterMs: retryAfterMs(posted.retryAfter) }
        : posted,
    );
    const attempts = delivery.attempts + 1;
    const record = (state: WebhookDeliveryRow["state"], nextAt: Instant | null): Promise<void> =>
      store.recordDelivery({ webhook, id, attempts, state, answer: verdict.because, nextAt });
    switch (verdict.kind) {
      case "delivered":
        await record("delivered", null);
        return true;
      case "gone":
        await record("given-up", null);
        await store.changeWebhook(hook.id, { disabledBecause: verdict.because });
        log.warn({ webhook: hook.name }, "a webhook's receiver wants no more messages; it is disabled");
        return false;
      case "failed": {
        const waitMs = nextTryMs(attempts, (random(1)[0] ?? 0) / 256);
        if (verdict.throttleMs > 0) this.throttled.set(hook.id, later(now, verdict.throttleMs));
        log.warn({ webhook: hook.name, attempts, answer: verdict.because }, "a webhook could not be delivered");
        const nextAt = waitMs === null ? null : later(clock.now(), Math.max(waitMs, verdict.throttleMs));
        await record(nextAt === null ? "given-up" : "waiting", nextAt);
        return false;
      }
    }
  }

  private keys({ id }: WebhookRow, generation: number) {
    return keysOf(this.deps.masterKey, id, generation);
  }

  private made(row: WebhookRow): z.infer<typeof WebhookMade> {
    const { secret, publicKey } = this.keys(row, row.generation);
    return { name: row.name, secret, publicKey };
  }

  private async find(name: string): Promise<WebhookRow> {
    const row = (await this.deps.store.webhooks()).find((each) => each.name === name);
    if (row === undefined) throw new Refused("not-found", `There is no webhook "${name}".`);
    return row;
  }

  private async view(row: WebhookRow): Promise<WebhookView> {
    const rows = await this.deps.store.deliveriesOf(row.id, DELIVERIES_SHOWN);
    const deliveries = rows.map(({ id, type, at, attempts, state, answer, nextAt }) => {
      return { id, type, at, attempts, state, answer, nextAt };
    });
    return { name: row.name, url: row.url, ...standingOf(row, rows), deliveries };
  }
}

function standingOf(
  { disabledBecause }: WebhookRow,
  deliveries: readonly WebhookDeliveryRow[],
): Pick<WebhookView, "state" | "because"> {
  if (disabledBecause !== null)
    return { state: "disabled", because: `${disabledBecause} Nothing is sent until it is switched on again.` };
  const tried = deliveries.find(({ attempts }) => attempts > 0);
  if (tried === undefined) return { state: "not-tried", because: "Nothing was sent yet. Send a test." };
  const answer = tried.answer ?? "";
  if (tried.state === "delivered") return { state: "working", because: `The last message arrived. ${answer}` };
  return {
    state: "failing",
    because: `${answer} ${tried.state === "given-up" ? "It was given up after ten tries." : "It is tried again."}`,
  };
}
