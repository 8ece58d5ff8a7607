/**
 * The machines of a drill at a real controller: real store, real orchestrator with its watch and its incidents, and a
 * clock that stands still. What detection is told and finds there, and what is stored of incidents, is written down.
 */
import { createDetector } from "../../controller/detection/detector.ts";
import type { FleetColumns } from "../../controller/drill/outbreak.ts";
import type { Presence } from "../../controller/store/feed.ts";
import type { IngestReport, PresenceReport } from "../../controller/store/reports.ts";
import { canonicalBytes, sha256Hex } from "../../protocol/canonical.ts";
import type { ReportBody } from "../../protocol/frames.ts";
import type { DeviceId, EpochId, StreamId } from "../../protocol/ids.ts";
import type { IncidentEvent } from "../../protocol/incident.ts";
import type { Instant } from "../../protocol/time.ts";
import { ControllerHarness } from "./controller-harness.ts";
import { device as deviceId, stream } from "./fleet-builders.ts";
import { aKey } from "./keys.ts";
import { noted, type Notes } from "./noted-detector.ts";
import { inventoryRole, machineOf, type Spoken } from "./said-words.ts";

const SECOND = 1_000;
/** While nothing is pushed the controller looks less often: it finds the same. */
const SELDOM_MS = 20 * SECOND;

export interface LiveStory {
  readonly columns: FleetColumns;
  readonly spoken: readonly Spoken[];
  /** From here on the controller looks every second. */
  readonly pushAt: number;
  readonly endsAt: number;
}

export class LiveVerdict {
  readonly #story: LiveStory;
  readonly #harness: ControllerHarness;
  readonly #ids: DeviceId[] = [];
  readonly #sequences: number[] = [];
  readonly #setNow: (ms: number) => void;

  private constructor(story: LiveStory, harness: ControllerHarness, setNow: (ms: number) => void) {
    this.#story = story;
    this.#harness = harness;
    this.#setNow = setNow;
  }

  /** @returns the events of all incidents, as they are stored */
  static async run(story: LiveStory, notes: Notes): Promise<readonly IncidentEvent[]> {
    let now = (story.spoken[0]?.at ?? story.pushAt) - SECOND;
    const harness = await ControllerHarness.open({
      clock: { now: () => now as Instant, after: () => () => undefined },
      isLive: () => true,
      detection: { makeDetector: (settings, memory) => noted(createDetector(settings, memory), notes), pace: 1 },
    });
    try {
      const live = new LiveVerdict(story, harness, (ms) => (now = ms));
      await live.#register(now as Instant);
      await live.#play(now);
      return (await harness.store.incidentEvents({})).map(({ event }) => event);
    } finally {
      await harness.stop();
    }
  }

  async #register(now: Instant): Promise<void> {
    const { store, orchestrator } = this.#harness;
    const { columns } = this.#story;
    const { publicKey } = aKey("a machine of a drill");
    for (let n = 0; n < columns.size; n += 1) {
      const id = deviceId(n);
      const place = { site: `Site ${columns.site[n]}` as never, role: inventoryRole(columns, n) as never };
      await store.registerDevice(orchestrator.deps.stream, { id, publicKey, name: `pc-${n}`, ...place }, now);
      this.#ids.push(id);
      this.#sequences.push(0);
    }
    await orchestrator.catchUp();
  }

  async #play(from: number): Promise<void> {
    const { spoken, pushAt, endsAt } = this.#story;
    let next = 0;
    for (let look = from + SECOND; look <= endsAt; look += look < pushAt ? SELDOM_MS : SECOND) {
      const first = next;
      while (next < spoken.length && (spoken[next] as Spoken).at <= look) next += 1;
      if (next > first) await this.#store(spoken.slice(first, next));
      this.#setNow(look);
      await this.#harness.orchestrator.catchUp();
    }
  }

  /** In the order in which they were said, as many at once as are of one kind and came through one gateway. */
  async #store(spoken: readonly Spoken[]): Promise<void> {
    let [reports, presence]: [IngestReport[], PresenceReport[]] = [[], []];
    let through: StreamId | undefined;
    const flush = async (): Promise<void> => {
      if (through !== undefined) await this.#harness.store.ingest(through, reports, presence);
      [reports, presence] = [[], []];
    };
    for (const { at, device, gateway, words } of spoken) {
      const target = this.#streamOf(gateway);
      const isOther = "presence" in words ? reports.length > 0 : presence.length > 0;
      if (isOther || target !== through) await flush();
      through = target;
      const [id, receivedAt] = [this.#ids[device] as DeviceId, at as Instant];
      if ("presence" in words) {
        presence.push({ deviceId: id, receivedAt, presence: this.#fromItsNetwork(device, words.presence) });
        continue;
      }
      const body = this.#withItsMachine(device, words.body);
      const sequence = (this.#sequences[device] = (this.#sequences[device] ?? 0) + 1);
      const epoch = id.replace("dev_", "epoch_") as EpochId; // one epoch a device is enough here
      reports.push({ deviceId: id, epoch, sequence, digest: sha256Hex(canonicalBytes(body)), receivedAt, body });
    }
    await flush();
  }

  #fromItsNetwork(device: number, presence: Presence): Presence {
    if (presence.kind !== "connected") return presence;
    const segment = this.#story.columns.segment[device] ?? 0;
    return { ...presence, segment: `10.${segment >> 8}.${segment & 255}.0/24` };
  }

  #withItsMachine(device: number, body: ReportBody): ReportBody {
    if (body.kind !== "boot-began") return body;
    return { ...body, boot: { ...body.boot, machine: machineOf(this.#story.columns, device) } };
  }

  #streamOf(gateway: number): StreamId {
    return gateway === 0 ? this.#harness.orchestrator.deps.stream : stream(100 + gateway);
  }
}
