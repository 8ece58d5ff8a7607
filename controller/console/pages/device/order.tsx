/** One order: where it stands, its steps with what the device said of each, and its receipt. */
import { Link } from "react-router";
import type { DeviceOrderView, OrderStepView } from "../../../../protocol/api-device.ts";
import { Badge } from "../../components/badge.tsx";
import { Copyable } from "../../components/copyable.tsx";
import { Download } from "../../components/download.tsx";
import { Facts } from "../../components/facts.tsx";
import { Moment } from "../../components/moment.tsx";
import { Notice } from "../../components/notice.tsx";
import { FAULTS, STANDINGS, STEP_EVENTS, stepOutcomeWords } from "../../words/orders.ts";
import { stepWords } from "../../words/steps.ts";
import styles from "./device.module.css";
import { ReceiptPart } from "./receipt.tsx";

export function Order({ order }: { readonly order: DeviceOrderView }) {
  const { id, title, rollout, plan, wave, waveName, standing, refusal, steps, receipt, withdrawn } = order;
  const { word, tone, Icon, meaning } = STANDINGS[standing];
  return (
    <li className={styles["order"]} aria-label={title}>
      <div className={styles["order-head"]}>
        <h3>
          <Link to={`/rollouts/${rollout}`}>{title}</Link>
        </h3>
        <Badge tone={tone} Icon={Icon} word={word} title={meaning} />
      </div>
      <p className="muted">
        {meaning} Wave {wave + 1} “{waveName}” of the rollout; <Link to={`/plans/${plan}`}>what was approved</Link>.
        {withdrawn && " The order was withdrawn."}
      </p>
      {refusal !== null && (
        <Notice tone={refusal.rule === "withdrawn" ? "warn" : "bad"}>
          <p>
            <strong>Refused by the rule {refusal.rule}.</strong> {refusal.because}
          </p>
        </Notice>
      )}
      <ol className={styles["steps"]} aria-label="Steps">
        {steps.map((step, i) => (
          <StepLine key={i} step={step} />
        ))}
      </ol>
      {receipt !== null && <ReceiptPart order={order} receipt={receipt} />}
      <Facts facts={timesOf(order)} />
      <div className={styles["buttons"]}>
        <Copyable text={id} what="order id" />
        <Download value={order.envelope} fileName={`${id}.order.json`} label="Signed order" />
      </div>
    </li>
  );
}

const timesOf = ({ issuedAt, handedAt, acceptedAt, endedAt }: DeviceOrderView) =>
  [
    ["Issued", <Moment key="issued" at={issuedAt} />],
    ["Handed to the agent", handedAt === null ? undefined : <Moment key="handed" at={handedAt} />],
    ["Taken by it", acceptedAt === null ? undefined : <Moment key="accepted" at={acceptedAt} />],
    ["Ended", endedAt === null ? undefined : <Moment key="ended" at={endedAt} />],
  ] as const;

function StepLine({ step: { step, outcome, fault, because, journal } }: { readonly step: OrderStepView }) {
  const { word, tone, Icon } = stepOutcomeWords(outcome);
  const why = [fault === null ? null : FAULTS[fault], because].filter((part) => part !== null).join(": ");
  return (
    <li className={styles["step"]}>
      <span className={styles["step-outcome"]} data-tone={tone}>
        <Icon size={18} aria-hidden /> {word}
      </span>
      <div>
        <p>{stepWords(step).what}</p>
        {why !== "" && <p>{why}</p>}
        {journal.length > 0 && (
          <p className="muted">
            {journal.map(({ event, receivedAt, receipt }, i) => (
              <span key={i}>
                {i > 0 && ", "}
                {STEP_EVENTS[event]} <Moment at={receivedAt} />
                {receipt !== null && (receipt.kind === "verified" ? " (signed)" : ` (not proved: ${receipt.because})`)}
              </span>
            ))}
          </p>
        )}
      </div>
    </li>
  );
}
