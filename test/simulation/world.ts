/** What every part of a simulation shares: time, dice, the record of what happened, and the verdict. */
import { createHash, type Hash } from "node:crypto";
import { at } from "../../protocol/time.ts";
import { Dice } from "./dice.ts";
import { VirtualTime } from "./virtual-time.ts";

/** A promise that was broken, in words that say which. */
export interface Violation {
  readonly rule: string;
  readonly what: string;
}

/** Lines kept for the message of a failing seed. */
const LINES_KEPT = 60;

export class World {
  readonly seed: number;
  readonly time: VirtualTime;
  readonly dice: Dice;
  /** Faults happen while this is true; towards the end they cease, and everything must come right. */
  isFaulty = true;
  /** The person undoes what was done: the faulty file may come back, as ordered. */
  mayBeUndone = false;
  violation: Violation | undefined;
  readonly counts = new Map<string, number>();
  private readonly hash: Hash = createHash("sha256");
  private readonly lines: string[] = [];
  private readonly checks: (() => Promise<void>)[] = [];
  private readonly print: boolean;
  private readonly begin = at("2026-11-22T09:00:00Z");

  constructor(seed: number, print = false) {
    this.seed = seed;
    this.dice = new Dice(`seed ${seed}`);
    this.time = new VirtualTime(this.begin, this.dice.of("time"));
    this.print = print;
  }

  /** Everything that happens is said here; the digest of all lines is what "the same seed twice" compares. */
  say(who: string, what: string): void {
    const line = `${((this.time.now() - this.begin) / 1_000).toFixed(3).padStart(10)} ${who}: ${what}`;
    this.hash.update(line).update("\n");
    this.lines.push(line);
    if (this.lines.length > LINES_KEPT) this.lines.shift();
    if (this.print) process.stdout.write(`${line}\n`);
  }

  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  /** A promise was broken; the first one ends the simulation. */
  broken(rule: string, what: string): void {
    if (this.violation === undefined) this.say("BROKEN", `${rule}: ${what}`);
    this.violation ??= { rule, what };
  }

  /** Something to be looked up when the event under way is over. */
  checkSoon(check: () => Promise<void>): void {
    this.checks.push(check);
  }

  async runChecks(): Promise<void> {
    for (const check of this.checks.splice(0)) await check();
  }

  /** Call once, at the end. */
  traceDigest(): string {
    return this.hash.digest("hex");
  }

  get lastLines(): readonly string[] {
    return this.lines;
  }
}
