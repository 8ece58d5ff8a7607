/**
 * The person at the console: registers machines, declares, plans, approves, starts, and then does what people do: looks
 * now and then, pauses, resumes, stops. Asks again when no answer comes, as a browser would.
 */
import type { RolloutId } from "../../protocol/ids.ts";
import type { PlanRequest, PlanView, RolloutAction, RolloutView } from "../../protocol/api.ts";
import type { z } from "zod";
import type { Administration } from "../../controller/ports/administration.ts";
import { Refused } from "../../controller/ports/refused.ts";
import type { SimController } from "./sim-controller.ts";
import type { World } from "./world.ts";

type Request = z.output<typeof PlanRequest>;

/** After so long without an answer the request is made again. */
const ANSWER_MS = 20_000;
const NAME = "Ada";

export class Operator {
  private readonly world: World;
  private readonly controller: SimController;

  constructor(world: World, controller: SimController) {
    this.world = world;
    this.controller = controller;
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.world.time.after(ms, resolve);
    });
  }

  /** Until it is answered; a refusal is an answer. */
  async ask<Value>(
    what: string,
    request: (administration: Administration) => Promise<Value>,
  ): Promise<Value | Refused> {
    for (;;) {
      const { administration } = this.controller;
      const answer =
        administration === undefined
          ? "no answer"
          : await Promise.race([this.answerOf(request(administration)), this.noAnswer()]);
      if (answer !== "no answer") {
        this.world.say(NAME, answer.value instanceof Refused ? `${what}: ${answer.value.code}` : what);
        return answer.value;
      }
      await this.pause(2_000);
    }
  }

  /** A new plan, approved and started, however often the controller dies on the way. */
  rollOut(request: Request): Promise<RolloutId | undefined> {
    return this.rollOutPlan("make a plan", (administration) => administration.makePlan(request, NAME));
  }

  /** Undefined if there is nothing to plan. */
  async rollOutPlan(
    what: string,
    make: (administration: Administration) => Promise<PlanView>,
  ): Promise<RolloutId | undefined> {
    for (;;) {
      const plan = await this.ask(what, make);
      if (plan instanceof Refused) {
        if (plan.code === "nothing-selected" || plan.code === "wrong-state") return undefined;
        if (plan.code === "not-found" || plan.code === "unavailable") {
          await this.pause(3_000);
          continue;
        }
        throw plan;
      }
      await this.ask("approve the plan", (administration) => administration.approvePlan(plan.id, plan.digest, NAME));
      for (let tries = 0; tries < 10; tries += 1) {
        const started = await this.ask("start the rollout", (administration) =>
          administration.startRollout(plan.id, NAME),
        );
        if (!(started instanceof Refused)) return started.id;
        const stored = await this.ask("look at the plan", (administration) => administration.plan(plan.id));
        if (!(stored instanceof Refused) && stored.rollout !== null) return stored.rollout;
        await this.pause(3_000);
      }
    }
  }

  async look(id: RolloutId): Promise<RolloutView> {
    for (;;) {
      const view = await this.ask("look at the rollout", (administration) => administration.rollout(id));
      if (!(view instanceof Refused)) return view;
      await this.pause(3_000);
    }
  }

  /** True if it was done (now, or by an earlier try whose answer was lost). */
  async act(id: RolloutId, action: RolloutAction): Promise<boolean> {
    for (let tries = 0; tries < 10; tries += 1) {
      const answer = await this.ask(`${action} the rollout`, (administration) =>
        administration.act(id, action, NAME, "it looked right"),
      );
      if (!(answer instanceof Refused)) return true;
      if (answer.code === "wrong-state") return false;
      await this.pause(3_000);
    }
    return false;
  }

  private async answerOf<Value>(answer: Promise<Value>): Promise<{ readonly value: Value | Refused } | "no answer"> {
    try {
      return { value: await answer };
    } catch (error) {
      // Anything else is a 500 to a browser: nothing is known, ask again.
      return error instanceof Refused ? { value: error } : "no answer";
    }
  }

  private async noAnswer(): Promise<"no answer"> {
    await this.pause(ANSWER_MS);
    return "no answer";
  }
}
