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
import type { PlanProposal } from "../../protocol/api-proposals.ts";
import type { IncidentId, RolloutId } from "../../protocol/ids.ts";

type PlanRequest = z.output<typeof api.PlanRequest>;
type ContentVersion = z.infer<typeof api.ContentVersionView>;
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

  private constructor(url: string, token: string) {
    this.client = new ApiClient({ url, token });
    this.token = token;
  }

  /** Opens the one-time link that the controller printed at its first start. */
  static async setUp(setupLink: string): Promise<Operator> {
    const link = new URL(setupLink);
    const code = new URLSearchParams(link.hash.slice(1)).get("code") ?? "";
    const { token } = await new ApiClient({ url: link.origin }).setUp(code, "Operator on duty");
    return new Operator(link.origin, token);
  }

  async devices(): Promise<DeviceSummary[]> {
    return await this.#pages((cursor) => this.client.devices({ limit: PAGE, ...cursor }));
  }

  async rolloutDevices(rollout: RolloutId): Promise<RolloutDeviceView[]> {
    return await this.#pages((cursor) => this.client.rolloutDevices(rollout, { limit: PAGE, ...cursor }));
  }

  /** @param name of the file, as it lies on the machines. Undefined while no device has said that it has it. */
  async contentNamed(name: string): Promise<ContentVersion | undefined> {
    const { items } = await this.client.content();
    return items.find(({ path }) => path.endsWith(`\\${name}`));
  }

  /** The controller may do by itself what the rules of detection allow it to do. */
  async letItAct(): Promise<void> {
    await this.client.putResponseRules({ rules: [{ source: "*", mode: "act" }] });
  }

  async allHealthy(): Promise<true | undefined> {
    const devices = await this.devices();
    return devices.every(({ condition, connected }) => condition === "healthy" && connected) ? true : undefined;
  }

  /** Every device has the newest trust document. */
  async allFollow(): Promise<true | undefined> {
    const { devices } = await this.client.trust();
    return devices.behind.total === 0 ? true : undefined;
  }

  /** The first that is open. Nobody has declared it. */
  async incident(): Promise<IncidentView | undefined> {
    const { items } = await this.client.incidents();
    return items.findLast(({ state }) => state === "open");
  }

  /** The incident as it stands now, with the versions that any other incident names. */
  async inTheEnd({ id }: IncidentView): Promise<IncidentView> {
    const incident = await this.client.incident(id);
    const { items } = await this.client.incidents();
    const versions = new Map(
      [incident, ...items].flatMap((each) => each.versions).map((each) => [`${each.source} ${each.sha256}`, each]),
    );
    return { ...incident, versions: [...versions.values()] };
  }

  /** Once a version is convicted. */
  async verdict(id: IncidentId): Promise<IncidentView | undefined> {
    const incident = await this.client.incident(id);
    return incident.versions.some(({ verdict }) => verdict === "convicted") ? incident : undefined;
  }

  /** The incident, once so much time has passed without another machine. */
  async standsStill(id: IncidentId, forMs: number, withinMs: number, signal: AbortSignal): Promise<IncidentView> {
    let exposed = 0;
    let since = Date.now();
    return await this.until("a number of machines that stands still", withinMs, signal, async () => {
      const incident = await this.client.incident(id);
      if (incident.exposed !== exposed) since = Date.now();
      exposed = incident.exposed;
      return Date.now() - since >= forMs ? incident : undefined;
    });
  }

  /**
   * What the controller proposes, once it is for all that are known to have it: a clinical device that was heard before
   * its second crash still counts as one that works, and is left out.
   */
  async proposal(id: IncidentId): Promise<PlanProposal | undefined> {
    const proposal = await this.client.proposal(id);
    const { exposed } = await this.client.incident(id);
    return proposal.request !== null && proposal.targets >= exposed ? proposal : undefined;
  }

  /** Made as proposed, then changed by people. Nobody has approved it. */
  async plan(id: IncidentId, change: (request: PlanRequest) => PlanRequest): Promise<api.PlanView> {
    const { request } = await this.client.proposal(id);
    if (request === null) throw new Error("the controller proposes no plan any more");
    const made = await this.client.planIncident(id, {});
    return await this.client.editPlan(made.id, change(request));
  }

  async start({ id }: api.PlanView): Promise<api.RolloutView> {
    return await this.client.startRollout(id);
  }

  /**
   * Watches a rollout until nothing more is to be expected of it: it was stopped, or it completed and every device has
   * an outcome or was not heard since the rollout was started.
   */
  async watch(
    rollout: RolloutId,
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
        if (view.phase === "completed" && (await this.#onlyNeverHeard(view))) return view;
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

  async #onlyNeverHeard({ id, startedAt }: api.RolloutView): Promise<boolean> {
    const heardAt = new Map((await this.devices()).map((device) => [device.id, device.lastHeardAt ?? 0]));
    const open = (await this.rolloutDevices(id)).filter(({ status }) => {
      return status === "waiting" || status === "offered" || status === "queued" || status === "running";
    });
    return open.every(({ device, status }) => status === "waiting" && (heardAt.get(device) ?? 0) < startedAt);
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
