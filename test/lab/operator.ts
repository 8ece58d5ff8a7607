/**
 * The operator's part, through the public interface only: what a person at the console would do, in that order.
 *
 * Knows nothing of the lab. What it finds out, it finds out from the controller's answers.
 */
import type { IncidentView } from "../../protocol/api-incidents.ts";
import { setTimeout as sleep } from "node:timers/promises";
import type { z } from "zod";
import { ApiClient } from "../../controller/cli/client.ts";
import { follow } from "../../controller/cli/follow.ts";
import type * as api from "../../protocol/api.ts";
import type { DeviceSummary } from "../../protocol/api-devices.ts";
import type { Sha256 } from "../../protocol/canonical.ts";
import type { RolloutId } from "../../protocol/ids.ts";
import { splitPath, WindowsPath } from "../../protocol/windows-path.ts";
import type { LabClock } from "./lab-clock.ts";
import { canTry, chooseWaves, isInDoubt } from "./operators-choice.ts";
import { operatorsPlaybook, operatorsStrategy } from "./operators-plan.ts";

export type ContentVersion = z.infer<typeof api.ContentVersionView>;
type RolloutDeviceView = z.infer<typeof api.RolloutDeviceView>;

const PAGE = 500;
const LOOK_EVERY_MS = 250;

/** What was waited for did not come in time. */
class WaitedInVain extends Error {
  override readonly name = "WaitedInVain";
}

export class Operator {
  readonly client: ApiClient;
  /** For a person who wants to look at the console while the drill runs. */
  readonly token: string;

  readonly #clock: LabClock;

  private constructor(url: string, token: string, clock: LabClock) {
    this.client = new ApiClient({ url, token });
    this.token = token;
    this.#clock = clock;
  }

  /** Opens the one-time link that the controller printed at its first start. */
  static async setUp(setupLink: string, clock: LabClock): Promise<Operator> {
    const link = new URL(setupLink);
    const code = new URLSearchParams(link.hash.slice(1)).get("code") ?? "";
    const { token } = await new ApiClient({ url: link.origin }).setUp(code, "Operator on duty");
    return new Operator(link.origin, token, clock);
  }

  async devices(only: { readonly sha256?: Sha256 } = {}): Promise<DeviceSummary[]> {
    return await this.#pages((cursor) => this.client.devices({ ...only, limit: PAGE, ...cursor }));
  }

  async rolloutDevices(rollout: RolloutId): Promise<RolloutDeviceView[]> {
    return await this.#pages((cursor) => this.client.rolloutDevices(rollout, { limit: PAGE, ...cursor }));
  }

  /** @param name of the file, as it lies on the machines. Undefined while no device has said that it has it. */
  async contentNamed(name: string): Promise<ContentVersion | undefined> {
    const { items } = await this.client.content();
    return items.find(({ path }) => path.endsWith(`\\${name}`));
  }

  /** The version that came last: after a push it is the one to look at. */
  async newestContent(): Promise<ContentVersion | undefined> {
    const { items } = await this.client.content();
    return items.toSorted((a, b) => b.firstSeenAt - a.firstSeenAt)[0];
  }

  async declare(content: ContentVersion): Promise<IncidentView> {
    return await this.client.declareIncident({
      title: `${fileNameOf(content)} makes machines crash`,
      content: { source: content.source, sha256: content.sha256 },
      evidence: `${content.crashed} of ${content.devices} devices that took this version crashed within minutes of it.`,
    });
  }

  async plan(content: ContentVersion, incident: IncidentView, demandsProof: boolean): Promise<api.PlanView> {
    const meant = await this.#meant(content);
    const [canary, second] = chooseWaves(meant);
    return await this.client.makePlan({
      title: `Take back ${fileNameOf(content)}`,
      playbook: operatorsPlaybook(content, this.#clock, demandsProof),
      strategy: operatorsStrategy(canary, second, this.#clock),
      devices: { devices: meant.map(({ id }) => id) },
      incident: incident.id,
    });
  }

  async canTry(content: ContentVersion): Promise<true | undefined> {
    return canTry(await this.#meant(content)) ? true : undefined;
  }

  async #meant({ sha256 }: ContentVersion): Promise<DeviceSummary[]> {
    const exposed = new Set((await this.devices({ sha256 })).map(({ id }) => id));
    return (await this.devices()).filter((device) => exposed.has(device.id) || isInDoubt(device));
  }

  async start({ id }: api.PlanView): Promise<api.RolloutView> {
    return await this.client.startRollout(id);
  }

  /**
   * Watches a rollout until nothing more is to be expected of it: it was stopped, or it completed and every device has
   * an outcome or was not heard since the incident was declared.
   */
  async watch(
    rollout: RolloutId,
    declaredAt: number,
    signal: AbortSignal,
    onChange: (view: api.RolloutView) => void,
  ): Promise<api.RolloutView> {
    const ended = new AbortController();
    let wake: () => void = () => undefined;
    void (async () => {
      for await (const _notice of follow(this.client, ended.signal)) wake();
    })().catch(() => undefined); // it is a hint only; the loop below asks anyway
    try {
      for (;;) {
        const view = await this.client.rollout(rollout);
        onChange(view);
        if (view.phase === "paused" || view.phase === "halted" || view.phase === "aborted") return view;
        if (view.phase === "completed" && (await this.#onlyNeverHeard(rollout, declaredAt))) return view;
        if (signal.aborted) throw new WaitedInVain(`the rollout did not end in time: ${view.because}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
          setTimeout(resolve, 1_000);
        });
        await sleep(LOOK_EVERY_MS); // notices come in swarms
      }
    } finally {
      ended.abort();
    }
  }

  async #onlyNeverHeard(rollout: RolloutId, declaredAt: number): Promise<boolean> {
    const heardAt = new Map((await this.devices()).map(({ id, lastHeardAt }) => [id, lastHeardAt ?? 0]));
    const open = (await this.rolloutDevices(rollout)).filter(({ status }) => {
      return status === "waiting" || status === "offered" || status === "queued" || status === "running";
    });
    return open.every(({ device, status }) => status === "waiting" && (heardAt.get(device) ?? 0) < declaredAt);
  }

  /** Looks again and again until the answer is something. @throws WaitedInVain */
  async until<Value>(
    what: string,
    withinMs: number,
    signal: AbortSignal,
    look: () => Promise<Value | undefined>,
  ): Promise<Value> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const value = await look();
      if (value !== undefined) return value;
      signal.throwIfAborted();
      if (Date.now() > deadline) throw new WaitedInVain(`${what} did not come true within ${withinMs / 1_000} s`);
      await sleep(LOOK_EVERY_MS, undefined, { signal });
    }
  }

  async #pages<Item>(
    ask: (cursor: { readonly cursor?: string }) => Promise<{ readonly items: Item[]; readonly next: string | null }>,
  ): Promise<Item[]> {
    const items: Item[] = [];
    let next: string | null = null;
    do {
      const page = await ask(next === null ? {} : { cursor: next });
      items.push(...page.items);
      next = page.next;
    } while (next !== null);
    return items;
  }
}

const fileNameOf = ({ path }: ContentVersion): string => splitPath(WindowsPath.parse(path)).name;
