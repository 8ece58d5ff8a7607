/**
 * The stored states of the devices of one batch: locked, folded, saved.
 *
 * The small half (last heard, leaving, healthy) is rewritten with every report; the large half (boot and content) is
 * written only when it changed, and read only to apply a change of content to it. Whom a device believes is written when
 * it says so.
 */
import type { DeviceId } from "../../protocol/ids.ts";
import { foldState } from "../fleet/device-state.ts";
import type { DeviceState } from "../store/devices.ts";
import type { Bulk } from "./database.ts";
import type { NewChange } from "./feed.ts";
import { decode, decodeOrNull, encode, encodeOrNull } from "./schema.ts";

interface Held {
  state: DeviceState | null;
  touched: boolean;
  large: "not-read" | "read" | "changed";
  /** Whom it believes is not read here: it is written whole when the device says it. */
  saysTrust: boolean;
  /** The same with the minor, which it says when it logs in. */
  saysMinor: boolean;
}

export class DeviceStates {
  readonly #held: Map<DeviceId, Held>;

  private constructor(held: Map<DeviceId, Held>) {
    this.#held = held;
  }

  /** @throws Error for a device that was never registered: the gateway logs in none of these. */
  static async lock(bulk: Bulk, batch: readonly { readonly deviceId: DeviceId }[]): Promise<DeviceStates> {
    const ids = [...new Set(batch.map(({ deviceId }) => deviceId))].sort();
    const columns = ["id", "last_heard_at", "leaving", "healthy"] as const;
    const rows = await bulk.select(
      "devices",
      columns,
      ids.map((id) => ({ id })),
      ["id"],
      "lock",
    );
    const held = new Map<DeviceId, Held>();
    for (const { id, last_heard_at, leaving, healthy } of rows) {
      const state =
        last_heard_at === null
          ? null
          : {
              lastHeardAt: last_heard_at,
              boot: null,
              healthy: decodeOrNull(healthy),
              content: [],
              leaving,
              trust: null,
              minor: null,
            };
      held.set(id, { state, touched: false, large: "not-read", saysTrust: false, saysMinor: false });
    }
    const missing = ids.find((id) => !held.has(id));
    if (missing !== undefined) throw new Error(`device ${missing} is not registered`);
    return new DeviceStates(held);
  }

  async fold(bulk: Bulk, changes: readonly NewChange[]): Promise<void> {
    await this.#readContent(bulk, changes);
    for (const { device, body, at } of changes) {
      if (body.kind === "registered" || body.kind === "standing") continue;
      const held = this.#of(device);
      held.state = foldState(held.state, body, at);
      held.touched = true;
      if (body.kind === "trust-changed") held.saysTrust = true;
      if (body.kind === "connected" && body.minor !== undefined) held.saysMinor = true;
      if (body.kind === "boot-began" || body.kind === "content-changed") held.large = "changed";
    }
  }

  async save(bulk: Bulk): Promise<void> {
    const small = [];
    const saying = [];
    const large = [];
    const trusts = [];
    for (const [device, held] of this.#held) {
      const { state } = held;
      if (state === null || !held.touched) continue;
      const healthy = encodeOrNull(state.healthy);
      const row = { id: device, last_heard_at: state.lastHeardAt, leaving: state.leaving, healthy };
      if (held.saysMinor) saying.push({ ...row, minor: state.minor });
      else small.push(row);
      const { trust } = state;
      if (held.saysTrust && trust !== null)
        trusts.push({ device, trust_version: trust.trustVersion, policy_version: trust.policyVersion });
      if (held.large !== "changed") continue;
      large.push({ device, boot: encodeOrNull(state.boot), content: encode(state.content) });
    }
    await bulk.update("devices", ["id"], ["id", "last_heard_at", "leaving", "healthy"], small);
    await bulk.update("devices", ["id"], ["id", "last_heard_at", "leaving", "healthy", "minor"], saying);
    await bulk.insert("device_boots", ["device", "boot", "content"], large, { key: ["device"] });
    await bulk.insert("device_trust", ["device", "trust_version", "policy_version"], trusts, { key: ["device"] });
  }

  async #readContent(bulk: Bulk, changes: readonly NewChange[]): Promise<void> {
    const changed = new Set(changes.filter(({ body }) => body.kind === "content-changed").map(({ device }) => device));
    const keys = [...changed].map((device) => ({ device }));
    for (const { device, boot, content } of await bulk.select("device_boots", ["device", "boot", "content"], keys, [
      "device",
    ])) {
      const held = this.#of(device);
      if (held.state === null) continue;
      held.state = { ...held.state, boot: decodeOrNull(boot), content: decode(content) };
      held.large = "read";
    }
  }

  #of(device: DeviceId): Held {
    const held = this.#held.get(device);
    if (held === undefined) throw new Error(`device ${device} was not locked`);
    return held;
  }
}
