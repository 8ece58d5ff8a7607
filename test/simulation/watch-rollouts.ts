/**
 * Watches what the controller commits: no order outside the plan, no wave before its gate, never more in flight or down
 * than allowed, nothing new once it is stopped, and no device called better without a word from it.
 */
import type { Fleet } from "../../controller/fleet/fleet.ts";
import type { Store } from "../../controller/store.ts";
import type { AppendResult, RolloutAppend, RolloutDeviceRow, RolloutRow } from "../../controller/store/rollouts.ts";
import type { Method } from "../../controller/storage/store-methods.ts";
import type { DeviceId, OrderId, PlanId, RolloutId } from "../../protocol/ids.ts";
import type { Order } from "../../protocol/plan.ts";
import { RolloutMirror } from "./rollout-mirror.ts";
import type { SimMachine } from "./sim-machine.ts";
import { whyNotProceed } from "./watch-gates.ts";
import { overLimit } from "./watch-limits.ts";
import type { World } from "./world.ts";

/** A report may have come so long before it is read, while the disk stands still; nobody is called silent as soon as that. */
const UNREAD_MS = 25_000;

export class RolloutWatch {
  private readonly world: World;
  private readonly store: Store;
  private readonly fleet: () => Fleet | undefined;
  private readonly machineOf: (id: DeviceId) => SimMachine | undefined;
  readonly mirrors = new Map<RolloutId, RolloutMirror>();
  /** Orders that were taken back or withdrawn. */
  private readonly over = new Set<OrderId>();
  private readonly takenBack = new Set<string>();

  constructor(
    world: World,
    store: Store,
    fleet: () => Fleet | undefined,
    machineOf: (id: DeviceId) => SimMachine | undefined,
  ) {
    this.world = world;
    this.store = store;
    this.fleet = fleet;
    this.machineOf = machineOf;
  }

  readonly onStoreCall = (method: Method, args: readonly unknown[], result: unknown): void => {
    if (method === "appendRollout") this.appended(args[0] as RolloutAppend, result as AppendResult);
    if (method === "takeMailbox") this.handed(result as readonly Order[]);
    if (method === "createRollout" && result === true)
      this.created(args[0] as RolloutRow, args[1] as readonly RolloutDeviceRow[]);
  };

  /** Was it recalled, so that no agent can have it? */
  wasTakenBack(order: string): boolean {
    return this.takenBack.has(order);
  }

  planOf(id: PlanId): RolloutMirror | undefined {
    return [...this.mirrors.values()].find(({ plan }) => plan.id === id);
  }

  /** The record says what these watchers were told. */
  async checkAll(): Promise<void> {
    for (const mirror of this.mirrors.values()) {
      const stored = await this.store.rolloutDevicesAfter(mirror.id, null, 10_000);
      for (const row of stored) {
        const seen = mirror.rows.get(row.device);
        if (seen?.status !== row.status || seen.order !== row.order)
          this.broken(
            mirror,
            "the record is what was written",
            `${JSON.stringify(row)} is not ${JSON.stringify(seen)}`,
          );
      }
      const events = await this.store.rolloutEvents(mirror.id);
      if (events.length !== mirror.events.length + 1)
        this.broken(
          mirror,
          "the record is what was written",
          `${events.length} events, ${mirror.events.length + 1} were written`,
        );
    }
  }

  private created(row: RolloutRow, rows: readonly RolloutDeviceRow[]): void {
    this.world.say("record", `rollout ${row.id} of ${rows.length} devices`);
    this.world.checkSoon(async () => {
      const stored = await this.store.plan(row.plan);
      if (stored === undefined || stored.envelope === null)
        this.world.broken("nothing without approval", `rollout ${row.id} began without one`);
      else this.mirrors.set(row.id, new RolloutMirror(row, stored.plan, rows));
    });
  }

  private handed(orders: readonly Order[]): void {
    const wrong = orders.find(({ orderId, withdrawn }) => !withdrawn && this.over.has(orderId));
    if (wrong !== undefined)
      this.world.broken("stop means stop", `${wrong.orderId} was handed to a device after it was taken back`);
    if (orders.filter(({ withdrawn }) => !withdrawn).length > 1)
      this.world.broken("one running order a device", orders.map(({ orderId }) => orderId).join(" "));
  }

  private appended(append: RolloutAppend, result: AppendResult): void {
    const mirror = this.mirrors.get(append.rollout);
    if (mirror === undefined || result.kind !== "appended") return;
    for (const { device, status, detail } of append.rows) {
      if (mirror.rows.get(device)?.status === status) continue;
      this.world.say("record", `${device.slice(-4)} ${status} (${detail})`);
      this.world.count(`device ${status}`);
    }
    for (const row of append.rows) this.checkRow(mirror, row);
    for (const event of append.events) {
      this.world.say(
        "record",
        `${event.kind}${"decision" in event ? ` ${event.decision.verdict} ${event.decision.rule}` : ""}`,
      );
      this.world.count(`event ${event.kind}`);
      const fault = event.kind === "gate-decided" ? whyNotProceed(mirror, event) : undefined;
      if (fault !== undefined) this.broken(mirror, "no gate is passed that does not hold", fault);
      if (event.kind === "wave-opened" && event.wave > 0 && !mirror.passed.has(event.wave - 1))
        this.broken(mirror, "no wave before its gate", `wave ${event.wave} opened`);
    }
    const phase = mirror.phase;
    mirror.append(append, result.queued, result.tooLate);
    for (const { order } of append.withdrawals) this.over.add(order);
    for (const { order } of append.recalls) {
      if (result.tooLate.includes(order)) continue;
      this.over.add(order);
      this.takenBack.add(order);
    }
    if (append.posts.length === 0) return;
    if (phase !== "running" && phase !== "completed")
      this.broken(mirror, "stop means stop", `${append.posts.length} orders were posted while ${phase}`);
    for (const post of append.posts) this.checkPost(mirror, post.device);
    const fleet = this.fleet();
    const posted = append.posts.map(({ device }) => device);
    const over = fleet === undefined ? undefined : overLimit(mirror, posted, fleet);
    if (over !== undefined) this.broken(mirror, over.rule, over.what);
  }

  /** Who is silent or timed out stays so until it is heard: reading an old report again is no sign of life. */
  private checkRow(mirror: RolloutMirror, row: RolloutDeviceRow): void {
    const before = mirror.rows.get(row.device);
    if (before === undefined) return this.broken(mirror, "no machine outside the plan", `a row for ${row.device}`);
    const isBetter = (before.status === "silent" || before.status === "timed-out") && row.status === "running";
    if (isBetter && row.since < before.since - UNREAD_MS)
      this.broken(
        mirror,
        "silence ends with a sign of life",
        `${row.device} is called running since before it fell ${before.status}`,
      );
    const saysCured = row.status !== before.status && (row.status === "succeeded" || row.status === "not-applicable");
    if (saysCured && !this.world.mayBeUndone && this.machineOf(row.device)?.hasFaultyContent === true) {
      this.broken(mirror, "recovered means recovered", `${row.device} is called ${row.status} and has the faulty file`);
    }
    if (row.generation < before.generation)
      this.broken(mirror, "orders are counted up", `${row.device} ${before.generation} to ${row.generation}`);
  }

  private checkPost(mirror: RolloutMirror, device: DeviceId): void {
    const row = mirror.rows.get(device);
    if (row === undefined) return this.broken(mirror, "no machine outside the plan", `an order for ${device}`);
    if (!mirror.plan.waves[row.wave]?.devices.includes(device))
      this.broken(mirror, "no machine outside the plan", `${device} is not in wave ${row.wave}`);
    if (!mirror.opened.has(row.wave))
      this.broken(mirror, "no wave before its gate", `${device} got an order, wave ${row.wave} is not open`);
    for (let wave = 0; wave < row.wave; wave += 1) {
      if (!mirror.passed.has(wave))
        this.broken(
          mirror,
          "no wave before its gate",
          `${device} of wave ${row.wave} got an order, gate ${wave} was not passed`,
        );
    }
  }

  private broken(mirror: RolloutMirror, rule: string, what: string): void {
    this.world.broken(rule, `${mirror.id}: ${what}`);
  }
}
