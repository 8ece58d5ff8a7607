/** Asks a few devices what each step would do there, and shows their answers as they come. Nothing is changed by it. */
import { Button } from "@mantine/core";
import {
  IconBan,
  IconCheck,
  IconCircleDashed,
  IconEdit,
  IconHourglass,
  IconPlugConnectedX,
  IconVersions,
  IconX,
} from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";
import { DryRunView, type PlanProposal } from "../../../../protocol/api-proposals.ts";
import type { IncidentId } from "../../../../protocol/ids.ts";
import { type Chosen, dryRunIncident } from "../../api/calls.ts";
import { ApiProblem } from "../../api/errors.ts";
import { Badge } from "../../components/badge.tsx";
import { Empty } from "../../components/empty.tsx";
import { Failure } from "../../components/failure.tsx";
import { Panel } from "../../components/panel.tsx";
import { ViewPart } from "../../components/view-part.tsx";
import { useView } from "../../hooks/use-view.ts";
import { stepWords } from "../../words/steps.ts";
import styles from "./proposal.module.css";

const STATES = {
  asked: { word: "Asked, no answer yet", tone: "busy", Icon: IconHourglass },
  answered: { word: "Answered", tone: "good", Icon: IconCheck },
  refused: { word: "Refused", tone: "bad", Icon: IconBan },
  "too-old": { word: "Its agent is too old to say", tone: "idle", Icon: IconVersions },
  "not-connected": { word: "Not connected", tone: "idle", Icon: IconPlugConnectedX },
} as const;

const WOULD = {
  change: { word: "would change something", tone: "busy", Icon: IconEdit },
  nothing: { word: "nothing to do", tone: "idle", Icon: IconCircleDashed },
  fail: { word: "would fail", tone: "bad", Icon: IconX },
} as const;

interface DryRunProps {
  readonly incident: IncidentId;
  /** Undefined while something is missing. */
  readonly chosen: Chosen | undefined;
  readonly request: PlanProposal["request"];
}

export function DryRun({ incident, chosen, request }: DryRunProps) {
  const view = useView(DryRunView, `/incidents/${incident}/dry-run`, [{ topic: "incident" }, { topic: "fleet" }]);
  const client = useQueryClient();
  const isNobodyAsked =
    (view.kind === "failed" && view.error instanceof ApiProblem && view.error.code === "not-found") ||
    (view.kind === "here" && view.data.devices.length === 0);
  const asking = useMutation({
    mutationFn: async () => await dryRunIncident(incident, chosen ?? {}),
    onSuccess: async () => await client.invalidateQueries(),
  });
  const start = (
    <Button
      variant="default"
      disabled={chosen === undefined}
      loading={asking.isPending}
      onClick={() => asking.mutate()}
    >
      Ask a few devices
    </Button>
  );
  return (
    <Panel title="Dry run" aside={start}>
      <p className="muted">Some devices are asked what each step would do there. They only look; nothing is changed.</p>
      {asking.error !== null && <Failure error={asking.error} />}
      {isNobodyAsked ? (
        <Empty what="No device was asked yet.">
          <p>Ask a few before you make the plan: what would fail on them would fail in the canary.</p>
        </Empty>
      ) : (
        <ViewPart what="Dry run" view={view}>
          {({ devices, sentence }) => (
            <>
              <p aria-live="polite" data-testid="dry-run">
                <strong>{sentence}</strong>
              </p>
              <ul className={styles["devices"]}>
                {devices.map((device) => (
                  <Answer key={device.device} device={device} request={request} />
                ))}
              </ul>
            </>
          )}
        </ViewPart>
      )}
    </Panel>
  );
}

interface AnswerProps {
  readonly device: DryRunView["devices"][number];
  readonly request: PlanProposal["request"];
}

function Answer({ device: { device, name, role, state, steps, because }, request }: AnswerProps) {
  return (
    <li className={styles["device"]}>
      <div className={styles["head"]}>
        <h3>
          <Link to={`/devices/${device}`}>{name}</Link>
        </h3>
        <span className="muted">{role}</span>
        <Badge {...STATES[state]} />
      </div>
      <p>{because}</p>
      {steps.length > 0 && (
        <ol className={styles["lines"]}>
          {steps.map(({ step, would, because: why }) => {
            const asked = request?.playbook.steps[step];
            return (
              <li key={step} value={step + 1}>
                {asked === undefined ? "" : `${stepWords(asked).what}: `}
                <Badge {...WOULD[would]} /> {why}
              </li>
            );
          })}
        </ol>
      )}
    </li>
  );
}
