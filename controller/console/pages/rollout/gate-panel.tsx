/**
 * The gate behind a wave: its answer, by which rule, and everything the answer was computed from: threshold, observed,
 * sample, bake time, deadline.
 */
import { IconCircleCheck, IconHandStop, IconHourglass } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { z } from "zod";
import type { WaveView } from "../../../../protocol/api.ts";
import { Badge } from "../../components/badge.tsx";
import { Moment } from "../../components/moment.tsx";
import { RULES, VERDICTS } from "../../words/gates.ts";
import { count, duration, share } from "../../words/numbers.ts";
import styles from "./gate-panel.module.css";
import { Meter } from "../../components/meter.tsx";

const LOOKS = {
  proceed: { tone: "good", Icon: IconCircleCheck },
  stop: { tone: "bad", Icon: IconHandStop },
  wait: { tone: "idle", Icon: IconHourglass },
} as const;

interface GatePanelProps {
  readonly wave: z.infer<typeof WaveView>;
  /** The controller's time. */
  readonly now: number;
}

export function GatePanel({ wave, now }: GatePanelProps) {
  const { name, state, decision } = wave;
  const { verdict, rule, because } = decision;
  return (
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a fieldset is for fields
    <div className={styles["gate"]} role="group" aria-label={`Gate of wave ${name}`}>
      <p className={styles["verdict"]}>
        <strong>Gate</strong>
        <Badge {...LOOKS[verdict]} word={VERDICTS[verdict]} />
        {state !== "not-open" && <span className="muted">rule: {RULES[rule]}</span>}
        <span data-testid="gate-because">{because}</span>
      </p>
      <GateFacts wave={wave} now={now} />
    </div>
  );
}

function GateFacts({ wave: { state, gate, decision }, now }: GatePanelProps) {
  const { observed, sample, sampleMin, deadline } = decision;
  const succeeded = Math.round((observed ?? 0) * sample);
  const isOpen = state === "open";
  // Failures are a share of the sample, or of the minimum sample while there is less (see Gate).
  const isSmall = sample < sampleMin;
  const failureShare = (sample - succeeded) / Math.max(sample, sampleMin, 1);
  return (
    <dl className={styles["facts"]}>
      <Fact name="Succeeded" threshold={`at least ${share(gate.successShareMin)}`}>
        {observed === null ? "not known yet" : `${count(succeeded)} of ${count(sample)} (${share(observed)})`}
        <Meter value={observed ?? 0} mark={gate.successShareMin} />
      </Fact>
      <Fact name="Did not succeed" threshold={`at most ${share(gate.failureShareMax)}`}>
        {observed === null
          ? "not known yet"
          : `${count(sample - succeeded)} (${share(failureShare)}${isSmall ? " of the minimum sample" : ""})`}
        <Meter value={failureShare} mark={gate.failureShareMax} />
      </Fact>
      <Fact name="Sample" threshold={`at least ${count(sampleMin)}`}>
        {count(sample)}
        <Meter value={sampleMin === 0 ? 1 : sample / sampleMin} />
      </Fact>
      <Bake wave={{ state, gate, decision }} now={now} />
      <Fact
        name="Deadline"
        threshold={
          deadline === null
            ? "after the wave opens"
            : isOpen
              ? deadline > now
                ? `${duration(deadline - now)} left`
                : "over"
              : ""
        }
      >
        {deadline === null ? duration(gate.deadlineMs) : <Moment at={deadline} />}
      </Fact>
    </dl>
  );
}

/** How long the gate has held without a break, of how long it must. */
function Bake({
  wave: { state, gate, decision },
  now,
}: {
  readonly wave: Pick<z.infer<typeof WaveView>, "state" | "gate" | "decision">;
  readonly now: number;
}) {
  const { bakeMs } = gate;
  if (bakeMs === 0) return <Fact name="Bake time">none</Fact>;
  if (state === "passed")
    return (
      <Fact name="Bake time" threshold="over">
        {duration(bakeMs)}
      </Fact>
    );
  if (decision.heldSince === null)
    return (
      <Fact name="Bake time" threshold="begins when the gate holds">
        {duration(bakeMs)}
      </Fact>
    );
  const bakedMs = Math.min(bakeMs, Math.max(0, now - decision.heldSince));
  return (
    <Fact name="Bake time" threshold={`${duration(bakeMs - bakedMs)} left`}>
      {duration(bakedMs)} of {duration(bakeMs)}
      <Meter value={bakedMs / bakeMs} />
    </Fact>
  );
}

interface FactProps {
  readonly name: string;
  readonly threshold?: string;
  readonly children: ReactNode;
}

function Fact({ name, threshold = "", children }: FactProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {children}
        {threshold !== "" && <span className={styles["threshold"]}>{threshold}</span>}
      </dd>
    </div>
  );
}
