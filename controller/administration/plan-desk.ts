/** Making plans, changing them while nobody has begun, and taking approvals. */
import type { PlanRequest } from "../../protocol/api.ts";
import type { Sha256 } from "../../protocol/canonical.ts";
import { fromBase64, type KeyId, pae, payloadDigest, toBase64 } from "../../protocol/dsse.ts";
import { type DeviceId, newId, type PlanId } from "../../protocol/ids.ts";
import { likelyToAnswerFirst } from "../fleet/answers.ts";
import type { Plan } from "../../protocol/plan.ts";
import type { Instant } from "../../protocol/time.ts";
import { eraOf, type Holder, type TrustDocument } from "../../protocol/trust-document.ts";
import type { z } from "zod";
import type { PlanDesk } from "../ports/rollout-desks.ts";
import { Refused } from "../ports/refused.ts";
import type { PlanRow } from "../store/plans.ts";
import type { Approval, Unsigned } from "../store/signing.ts";
import { waveTree } from "../rollout/wave-tree.ts";
import { approvalOf, signedBy, standingOf } from "./approvals.ts";
import { makePlan, planDigest } from "./plans.ts";
import { makeStatement, unsignedStatement } from "./statement.ts";
import { makeUndoPlan } from "./undo.ts";
import type { Desk } from "./desk.ts";
import { mayStillTake } from "../rollout/may-still-take.ts";
import { Selection } from "./selection.ts";
import { viewPlan } from "./views.ts";

const PLANS_MAX = 200;

export function planDesk({ orchestrator, trust }: Desk): PlanDesk {
  const { store, clock, random } = orchestrator.deps;

  const planRow = async (id: PlanId): Promise<PlanRow> => {
    const row = await store.plan(id);
    if (row === undefined) throw new Refused("not-found", `There is no plan ${id}.`);
    return row;
  };

  const view = (row: PlanRow) => viewPlan(row, orchestrator.fleet, trust);
  const changed = async (id: PlanId) => {
    orchestrator.notices.publish("plan", id);
    return view(await planRow(id));
  };

  /** The text that is signed, with a generation of its own: no two texts of a source share one. */
  const written = async (plan: Plan): Promise<Pick<PlanRow, "plan" | "digest" | "generation" | "statement">> => {
    const digest = planDigest(plan);
    const siteOf = (device: DeviceId) => orchestrator.fleet.get(device)?.row.site;
    const { source } = plan.playbook;
    const { document, policy } = trust; // of one moment, however long the counting takes
    const facts = { at: clock.now(), trust: { document, policy }, siteOf };
    const draft = { ...facts, generation: Number.MAX_SAFE_INTEGER, rootOf: () => digest };
    unsignedStatement(makeStatement(plan, digest, draft)); // only to know that it can be
    const generation = await store.nextGeneration(source, eraOf(document, source));
    if (!Number.isSafeInteger(generation))
      throw new Refused(
        "wrong-state",
        `The generations of ${source} are used up, so no agent would take a newer plan. Its roots can begin a new era of it in the trust document; nothing was stored.`,
      );
    const rootOf = (wave: number) => waveTree(plan, wave).root;
    return {
      plan,
      digest,
      generation,
      statement: unsignedStatement(makeStatement(plan, digest, { ...facts, generation, rootOf })),
    };
  };

  const add = async (plan: Plan, by: string) => {
    const approval = { approvals: [], envelope: null, approvedAt: null, approvedBy: null };
    await store.addPlan({ ...(await written(plan)), ...approval, createdBy: by, rollout: null });
    return changed(plan.id);
  };

  const planned = async (
    request: z.output<typeof PlanRequest>,
    made: { readonly id: PlanId; readonly at: Instant },
  ) => {
    if (request.incident !== null) await orchestrator.incidents.read(); // it may be of this moment
    if (request.incident !== null && orchestrator.incidents.get(request.incident) === undefined) {
      throw new Refused("invalid-request", `There is no incident ${request.incident}. Nothing was stored.`, [
        { path: "incident", message: "no such incident" },
      ]);
    }
    const selection = new Selection(orchestrator.fleet, await store.groups());
    selection.check(request.devices, "devices");
    for (const [i, { take }] of request.strategy.waves.entries()) {
      if ("selector" in take) selection.check(take.selector, `strategy.waves.${i}.take.selector`);
    }
    const supplemented = request.supplements === null ? undefined : await planRow(request.supplements);
    const taken = new Set(supplemented?.plan.waves.flatMap(({ devices }) => devices));
    const chosen = selection.select(request.devices).filter(({ row }) => !taken.has(row.id));
    const devices = likelyToAnswerFirst(chosen, made.at).map((device) => selection.selectable(device));
    return makePlan(request, devices, made);
  };

  const mustNotHaveBegun = ({ plan, rollout }: PlanRow): void => {
    if (rollout !== null)
      throw new Refused("wrong-state", `Plan ${plan.id} was started: what was approved is being carried out.`);
  };

  /** Keeps a signature; with the one that makes them enough the plan is approved. The same one again changes nothing. */
  const keep = async (row: PlanRow, statement: Unsigned, approval: Approval): Promise<void> => {
    const { id } = row.plan;
    const kept = await store.addApproval(id, digestOfStatement(statement), approval);
    if (kept === "changed")
      throw new Refused("conflict", "The plan was changed meanwhile, so this approval is void. Read it again.");
    await approveIfEnough(await planRow(id), statement, approval.at);
  };

  const approveIfEnough = async ({ plan, approvals }: PlanRow, statement: Unsigned, at: Instant): Promise<void> => {
    const { isEnough, people, counting } = standingOf(signedBy(statement, approvals), trust);
    if (!isEnough) return;
    const envelope = signedBy(statement, [...counting]);
    const by = people.map(({ name }) => name).join(", ");
    await store.approvePlan(plan.id, { statement: digestOfStatement(statement), envelope, at, by });
  };

  const statementOf = ({ plan, statement }: PlanRow): Unsigned => {
    if (statement !== null) return statement;
    throw new Refused("wrong-state", `Plan ${plan.id} was made before approvers had keys. Make it again.`);
  };

  return {
    async plans() {
      return { items: (await store.plans(PLANS_MAX)).map(view), asOf: clock.now() };
    },

    async plan(id) {
      return view(await planRow(id));
    },

    async makePlan(request, by) {
      const at = clock.now();
      return add(await planned(request, { id: newId("plan", at, random(10)), at }), by);
    },

    async editPlan(id, request) {
      mustNotHaveBegun(await planRow(id));
      const row = await written(await planned(request, { id, at: clock.now() }));
      return orchestrator.exclusively(async () => {
        if (!(await store.replacePlan(row)))
          throw new Refused("wrong-state", `Plan ${id} was started meanwhile. Nothing was changed.`);
        return changed(id);
      });
    },

    async makeUndoPlan(id, by) {
      const rollout = orchestrator.rolloutOf(id);
      const at = clock.now();
      if (mayStillTake(rollout.state, at)) {
        throw new Refused(
          "wrong-state",
          "The rollout may still take devices. Pause, halt or abort it first, so that it does not do again what is undone.",
        );
      }
      return add(
        makeUndoPlan(rollout.plan.plan, [...rollout.allRows()], { id: newId("plan", at, random(10)), at }),
        by,
      );
    },

    async approvePlan(id, digest, by) {
      const row = await planRow(id);
      mustNotHaveBegun(row);
      if (approvalOf(row, trust) === "approved")
        throw new Refused("wrong-state", `Plan ${id} was approved by ${row.approvedBy ?? "someone"} already.`);
      if (row.digest !== digest) {
        throw new Refused(
          "conflict",
          "This is not the digest of the plan as it is stored. Read the plan again before you approve it.",
          [{ path: "digest", message: `the plan's digest is ${row.digest}` }],
        );
      }
      const signer = trust.starter("approvers");
      if (signer === undefined)
        throw new Refused(
          "wrong-state",
          `The controller's starter key approves nothing any more. Approvers sign: ringback approve ${id}, or with a passkey in the console.`,
        );
      const statement = statementOf(row);
      const sig = toBase64(signer.sign(pae(statement.payloadType, fromBase64(statement.payload))));
      const person = personOf(trust.document, signer.keyId)?.person ?? "controller";
      await keep(row, statement, { keyId: signer.keyId, person, sig, at: clock.now(), by });
      return changed(id);
    },

    async addApproval(id, { statementDigest, keyId, sig }, by) {
      const row = await planRow(id);
      const statement = statementOf(row);
      const holder = personOf(trust.document, keyId);
      const envelope = signedBy(statement, [{ keyId, sig }]);
      // A double click, a lost answer: what is kept is kept, whatever the plan has become since.
      if (row.approvals.some((kept) => kept.keyId === keyId) && payloadDigest(envelope) === statementDigest) {
        // Power may have gone between the signature and what follows from it; a threshold may have come down since.
        if (row.rollout !== null || approvalOf(row, trust) === "approved") return view(row);
        await approveIfEnough(row, statement, clock.now());
        return changed(id);
      }
      mustNotHaveBegun(row);
      if (payloadDigest(envelope) !== statementDigest)
        throw new Refused("conflict", "The plan says something else by now. Read it again before you approve it.", [
          { path: "statementDigest", message: `the statement's digest is ${payloadDigest(envelope)}` },
        ]);
      if (holder === undefined)
        throw new Refused(
          "not-allowed",
          `The trust document names no approver with the key ${keyId}. Nothing was kept.`,
        );
      if (standingOf(envelope, trust).people.length === 0)
        throw new Refused("not-allowed", "This is no good signature of the plan's statement by that key.");
      await keep(row, statement, { keyId, person: holder.person, sig, at: clock.now(), by });
      return changed(id);
    },
  };
}

const digestOfStatement = (statement: Unsigned): Sha256 => payloadDigest({ ...statement, signatures: [] });

const personOf = ({ approvers }: TrustDocument, keyId: KeyId): Holder | undefined =>
  approvers.holders.find(({ keys }) => keys.some((key) => key.keyId === keyId));
