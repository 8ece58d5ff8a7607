/** From an incident to a plan: what is proposed, the plan made of it, and what its steps would do on a few devices. */
import type { DryRunView, Library, PlanProposal } from "../../protocol/api-proposals.ts";
import type { DeviceId, IncidentId, PlanId } from "../../protocol/ids.ts";
import type { LibraryParameters } from "../../protocol/library.ts";
import type { z } from "zod";
import { type Proposed, propose } from "../incidents/proposal/propose.ts";
import { spread } from "../incidents/proposal/spread.ts";
import type { IncidentDesk, ProposalDesk } from "../ports/incident-desks.ts";
import type { PlanDesk } from "../ports/rollout-desks.ts";
import type { DryRuns } from "../ports/gateway.ts";
import { Refused } from "../ports/refused.ts";
import type { LibraryItem } from "../library/load.ts";
import type { Desk } from "./desk.ts";
import { type Asked, dryRunView } from "./dry-run-view.ts";
import { ProposalCurves } from "./proposal-curves.ts";
import { openDevices, proposalDevices, proposalIncident } from "./proposal-facts.ts";

/** What other desks do for this one. */
type Others = Pick<IncidentDesk, "incident"> & Pick<PlanDesk, "makePlan">;

export interface ProposalParts {
  readonly library: readonly LibraryItem[];
  readonly dryRuns: DryRuns;
}

/** Questions of so many incidents are remembered; older answers are no longer true anyway. */
const DRY_RUNS_KEPT = 50;
const ASKED_BY_ITSELF = 5;

export function proposalDesk(
  { orchestrator, trust }: Desk,
  { library, dryRuns }: ProposalParts,
  others: Others,
): ProposalDesk {
  const { clock, log } = orchestrator.deps;
  const asked = new Map<IncidentId, Asked>();
  const curves = new ProposalCurves(orchestrator.fleet);

  const proposed = async (id: IncidentId, wanted: string | undefined, said: LibraryParameters): Promise<Proposed> => {
    const seen = await others.incident(id);
    if (seen.state === "merged")
      throw new Refused(
        "wrong-state",
        `It is merged into ${seen.mergedInto}, where all goes on. Prepare the plan there.`,
      );
    const incident = proposalIncident(seen, orchestrator.fleet);
    const now = clock.now();
    const devices = proposalDevices(orchestrator, incident, openDevices(orchestrator, now), now);
    const entries = library.map(({ entry }) => entry);
    return propose({ incident, devices, library: entries, policy: trust.policy, wanted, said, now });
  };
  const requestOf = ({ proposal }: Proposed): NonNullable<PlanProposal["request"]> => {
    if (proposal.request !== null) return proposal.request;
    const { because, missing } = proposal;
    throw new Refused(
      "wrong-state",
      missing.length === 0 ? because : `Nothing was made or asked; what is missing: ${missing.join("; ")}. ${because}`,
      missing.flatMap((sentence) => {
        const [, name, message = ""] = /^([\w.-]+): (.*)$/s.exec(sentence) ?? [];
        return name === undefined ? [] : [{ path: `parameters.${name}`, message }];
      }),
    );
  };

  /** Writes into the incident that a plan was made of it. The plan stands either way. */
  const planMade = async (id: IncidentId, plan: PlanId, by: string, because: string): Promise<void> => {
    const { incidents } = orchestrator;
    const event = { kind: "plan-made", at: clock.now(), by: { kind: "person", name: by }, plan, because } as const;
    try {
      await orchestrator.exclusively(async () => {
        if (incidents.get(id) === undefined) await incidents.read(); // declared just now
        await incidents.write({ incident: id, events: [event] });
      });
    } catch (error) {
      log.error(
        { error: String(error), incident: id, plan },
        "the plan is made, and the incident could not be told of it",
      );
    }
  };
  const known = (devices: readonly DeviceId[]): readonly DeviceId[] => {
    const unknown = devices.filter((device) => orchestrator.fleet.get(device)?.counts !== true);
    if (unknown.length === 0) return devices;
    throw new Refused(
      "invalid-request",
      "Some devices are not known here, or no plan is made for them. None was asked.",
      [{ path: "devices", message: `not known: ${unknown.join(", ")}` }],
    );
  };
  const view = (id: IncidentId): z.infer<typeof DryRunView> => {
    const last = asked.get(id);
    if (last === undefined)
      throw new Refused(
        "not-found",
        "Nobody has asked devices about this incident yet. POST to the same address does.",
      );
    return dryRunView(last, orchestrator.fleet, clock.now());
  };

  return {
    async library(): Promise<z.infer<typeof Library>> {
      const items = library.map(({ entry, yaml }) => {
        const { name, title, summary, sources, after, restarts, noRollback, drill } = entry;
        const because = noRollback?.because ?? null;
        return { name, title, summary, source: sources.join(", "), after, restarts, noRollback: because, drill, yaml };
      });
      return { items, asOf: clock.now() };
    },

    async incidentProposal(id, { playbook }) {
      const made = await proposed(id, playbook, {});
      return { ...made.proposal, whatIf: await curves.of(made, clock.now()) };
    },

    async planIncident(id, { playbook, parameters }, by) {
      const made = await proposed(id, playbook, parameters ?? {});
      const plan = await others.makePlan(requestOf(made), by);
      const { name } = plan.playbook;
      await planMade(id, plan.id, by, `Made of the playbook ${name}, for ${made.proposal.targets} devices.`);
      return plan;
    },

    async startDryRun(id, { devices, playbook, parameters }) {
      const made = await proposed(id, playbook, parameters ?? {});
      const { source, steps } = requestOf(made).playbook;
      const question = { source, steps };
      const run = dryRuns.ask(devices === undefined ? aFew(made) : known(devices), question);
      asked.delete(id); // set again at the end, so that the oldest is first
      asked.set(id, { run, question, at: clock.now() });
      const [oldest] = asked.keys();
      if (asked.size > DRY_RUNS_KEPT && oldest !== undefined) asked.delete(oldest);
      void run.done.then(() => orchestrator.notices.publish("incident", id));
      return view(id);
    },

    async dryRun(id) {
      await others.incident(id); // it is there
      return view(id);
    },
  };
}

/** Those that answer, of as many sites and models as there are. */
const aFew = ({ targets }: Proposed): readonly DeviceId[] =>
  spread(
    targets.filter(({ connected }) => connected),
    ASKED_BY_ITSELF,
  ).map(({ id }) => id);
