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

  /** Gateways have numbers of their own in each controller, so these are not written down. */
  hear(name: string, [at, ...said]: readonly unknown[]): void {
    const what = name === "online" ? said.slice(0, 1) : said;
    const time = at as number; // all that is told begins with the moment
    this.#told.push({ at: time, line: JSON.stringify([new Date(time).toISOString(), name, ...what]) });
  }

  /** In the order of time. */
  toldBy(until: number): readonly string[] {
    const told = this.#told.filter(({ at }) => at <= until);
    return told.sort((a, b) => a.at - b.at || (a.line < b.line ? -1 : 1)).map(({ line }) => line);
  }
}

const TOLD = new Set<string>(["addVersion", "online", "gone", "exposed", "cleared", "crashed", "deaf"] as const);

export const noted = (detector: Detector, notes: Notes): Detector =>
  new Proxy(detector, {
    get: (target, name: keyof Detector) => {
      const value = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return (...args: never[]) => {
        if (TOLD.has(name)) notes.hear(name, args);
        const answer: unknown = Reflect.apply(value, target, args);
        if (name === "advance") notes.findings.push(...(answer as readonly Finding[]));
        return answer;
      };
    },
  });
