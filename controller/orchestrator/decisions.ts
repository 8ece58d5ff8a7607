/**
 * Has the engine decide on each rollout and carries out what it says, a bounded piece at a time.
 *
 * A rollout on which nothing can be decided stands still alone: the others go on, and people can still stop it.
 */
import type { Clock, Log } from "../ports.ts";
import type { Cursor } from "../store/feed.ts";
import type { PlanRow } from "../store/plans.ts";
import type { decide } from "../rollout/engine.ts";
import { takesDevices } from "../rollout/phases.ts";
import type { Decision, RolloutCommand } from "../rollout/types.ts";
import { type Draft, emptyDraft, isEmpty } from "./commands.ts";
import type { LiveRollout } from "./live-rollout.ts";
import type { RolloutBook } from "./rollout-book.ts";

/** Commands of one rollout in one turn, about: more are carried out in the next, after what people asked meanwhile. */
const COMMANDS_MAX = 1_000;
/** Decisions on one rollout in one turn; more means that a command does not take effect. */
const DECISIONS_MAX = 100;

interface DecisionsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly decide: typeof decide;
  /** Why no device may get an order of this plan any more; undefined while its approvals count. */
  readonly whyVoid: (plan: PlanRow) => string | undefined;
}
type Decided = Pick<Decision, "commands" | "wakeAt"> & { readonly draft: Draft };
type Wanted = (command: RolloutCommand) => boolean;

export class Decisions {
  private readonly deps: DecisionsDeps;
  private readonly book: RolloutBook;
  private nextAt: number = Infinity;

  constructor(deps: DecisionsDeps, book: RolloutBook) {
    this.deps = deps;
    this.book = book;
  }

  /** When time alone may change what is decided. */
  get wakeAt(): number {
    return this.nextAt;
  }

  /** Carries out what is decided on every rollout. True if there is more to do at once. */
  async carryOut(cursor: Cursor): Promise<boolean> {
    this.nextAt = Infinity;
    let more = false;
    for (const rollout of this.book.all()) {
      const isCutShort = await this.carryOutOn(rollout, () => true, cursor);
      more ||= isCutShort;
    }
    return more;
  }

  /** A stop does not wait for facts, everything else does: only orders of stopped rollouts are taken back. */
  async takeBack(cursor: Cursor): Promise<void> {
    for (const rollout of this.book.all()) {
      if (!takesDevices(rollout.state.phase)) await this.carryOutOn(rollout, isTakingBack, cursor);
    }
  }

  private async carryOutOn(rollout: LiveRollout, wanted: Wanted, cursor: Cursor): Promise<boolean> {
    let commands = 0;
    for (let decisions = 0; commands < COMMANDS_MAX; decisions += 1) {
      const decided = decisions < DECISIONS_MAX ? this.decideOn(rollout, wanted) : undefined;
      if (decided === undefined) return false;
      if (isEmpty(decided.draft)) {
        this.nextAt = Math.min(this.nextAt, decided.wakeAt ?? Infinity);
        return false;
      }
      await this.book.write(rollout, decided.draft, cursor);
      commands += decided.commands.length;
    }
    return true;
  }

  private decideOn(rollout: LiveRollout, wanted: Wanted): Decided | undefined {
    try {
      const because = this.deps.whyVoid(rollout.plan);
      if (because !== undefined && rollout.state.phase === "running") return this.pausing(because);
      const isWanted: Wanted = (command) => wanted(command) && (because === undefined || !isTaking(command));
      const decision = this.deps.decide(rollout.state, this.deps.clock.now());
      return { ...decision, draft: this.book.draft(rollout, decision.commands.filter(isWanted)) };
    } catch (error) {
      this.deps.log.error(
        { error: String(error), rollout: rollout.row.id },
        "a rollout cannot be decided on: it stands still, the others go on. Report this; abort it and make a new plan",
      );
      return undefined;
    }
  }

  /** Approvers have gone, or more are needed: what they approved together is approved by nobody now. */
  private pausing(because: string): Decided {
    const draft = emptyDraft();
    const by = { kind: "engine", rule: "approvals-void" } as const;
    draft.events.push({ kind: "paused", at: this.deps.clock.now(), by, because });
    return { commands: [], wakeAt: null, draft };
  }
}

const isTaking: Wanted = ({ kind }) => kind === "offer" || kind === "open-wave";

const isTakingBack: Wanted = ({ kind }) => kind === "recall" || kind === "withdraw";
