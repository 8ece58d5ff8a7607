/** A token, shown this once, and the line that enrols a device with it. The token goes into a file, never into a line. */
import { Button } from "@mantine/core";
import type { z } from "zod";
import type { TokenMade, TrustPins } from "../../../../protocol/enrolment.ts";
import { Copyable } from "../../components/copyable.tsx";
import { Failure } from "../../components/failure.tsx";
import { Moment } from "../../components/moment.tsx";
import { Notice } from "../../components/notice.tsx";
import { Panel } from "../../components/panel.tsx";
import type { View } from "../../hooks/use-view.ts";
import { enrolmentLine } from "../../words/enrolment.ts";
import { counted } from "../../words/numbers.ts";
import styles from "./enrolment.module.css";

interface MadeTokenProps {
  readonly made: z.infer<typeof TokenMade>;
  readonly pins: View<z.infer<typeof TrustPins>>;
  readonly onDone: () => void;
}

export function MadeToken({ made: { token, view }, pins, onDone }: MadeTokenProps) {
  const { origin, protocol } = globalThis.location;
  return (
    <Panel title="Your new token">
      <p>
        <strong>It is shown only now</strong> and cannot be shown again. It is good for{" "}
        {counted(view.usesMax, "device")} of the group <code>{view.group}</code> until <Moment at={view.expiresAt} />.
      </p>
      <div className={styles["token"]}>
        <Copyable text={token} what="token" />
      </div>
      <ol className={styles["steps"]}>
        <li>
          Write it into a file on the device that only the installer reads, here <code>token.txt</code>: in a command
          line it would stand in logs. The agent deletes the file when it is enrolled.
        </li>
        <li>
          There, run:{" "}
          {pins.kind === "here" && (
            <Copyable
              text={enrolmentLine({ controller: origin, group: view.group, pool: view.pool, pins: pins.data })}
              what="command that enrols"
            />
          )}
        </li>
      </ol>
      {pins.kind === "failed" && <Failure error={pins.error} retry={pins.retry} />}
      {protocol !== "https:" && (
        <Notice tone="warn">
          <p>
            <strong>This page came without TLS, and agents enrol over https alone.</strong> Start the controller with{" "}
            <code>--tls own</code> or <code>--tls files</code>, or put a front before it, and use that address.
          </p>
        </Notice>
      )}
      {pins.kind === "here" && pins.data.caSha256 === null && protocol === "https:" && (
        <Notice tone="warn">
          <p>
            <strong>TLS ends in a front before this controller,</strong> so the controller does not know its
            certificate: pin the authority of the front in place of <code>CA_SHA256</code>.
          </p>
        </Notice>
      )}
      <div>
        <Button onClick={onDone}>I have it: hide the token</Button>
      </div>
    </Panel>
  );
}
