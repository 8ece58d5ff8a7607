/** A detector that does its work, and writes down what it is told and what it finds. */
import type { Detector, Finding } from "../../controller/detection/types.ts";

/** What was told of one moment has no order: it comes through several gateways. */
interface Told {
  readonly at: number;
  readonly line: string;
}

export class Notes {
  readonly findings: Finding[] = [];
  readonly #told: Told[] = [];

  tell(at: number, ...what: readonly unknown[]): void {
    this.#told.push({ at, line: `${new Date(at).toISOString()} ${JSON.stringify(what)}` });
  }

  /** In the order of time. */
  toldBy(until: number): readonly string[] {
    const told = this.#told.filter(({ at }) => at <= until);
    return told.sort((a, b) => a.at - b.at || (a.line < b.line ? -1 : 1)).map(({ line }) => line);
  }
}

/** Gateways, systems and models have numbers of their own in each controller, so these are not written down. */
export function noted(detector: Detector, notes: Notes): Detector {
  return {
    addDevice: (facts, memory) => detector.addDevice(facts, memory),
    changeDevice: (device, facts) => detector.changeDevice(device, facts),
    setCounts: (device, counts) => detector.setCounts(device, counts),
    addVersion: (at, isOld) => {
      const version = detector.addVersion(at, isOld);
      notes.tell(at, "a version", version);
      return version;
    },
    restoreExposure: (device, version, writtenAt) => detector.restoreExposure(device, version, writtenAt),
    online: (at, device, gateway) => {
      notes.tell(at, "online", device);
      detector.online(at, device, gateway);
    },
    gone: (at, device, how, lastHeardAt) => {
      notes.tell(at, "gone", device, how, lastHeardAt);
      detector.gone(at, device, how, lastHeardAt);
    },
    exposed: (at, device, version, writtenAt) => {
      notes.tell(at, "exposed", device, version, writtenAt);
      detector.exposed(at, device, version, writtenAt);
    },
    cleared: (at, device, version) => {
      notes.tell(at, "cleared", device, version);
      detector.cleared(at, device, version);
    },
    crashed: (at, device, crash) => {
      notes.tell(at, "crashed", device, crash);
      detector.crashed(at, device, crash);
    },
    deaf: (at, from, gateway) => {
      notes.tell(at, "deaf", from, gateway);
      detector.deaf(at, from, gateway);
    },
    advance: (now) => {
      const found = detector.advance(now);
      notes.findings.push(...found);
      return found;
    },
    get wakeAt() {
      return detector.wakeAt;
    },
    standing: (version) => detector.standing(version),
    standings: () => detector.standings(),
    learnt: () => detector.learnt(),
    get size() {
      return detector.size;
    },
    get massSilence() {
      return detector.massSilence;
    },
    save: () => detector.save(),
    drainChanges: () => detector.drainChanges(),
  };
}
