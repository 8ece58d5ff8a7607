/** Asks before a device is let in or shut out; the reason goes into the record. */
import type { DeviceStanding } from "../../../protocol/enrolment.ts";
import type { DeviceId } from "../../../protocol/ids.ts";
import { setStanding } from "../api/calls.ts";
import { type Verdict, VERDICTS } from "../words/standings.ts";
import { ReasonDialog } from "./reason-dialog.tsx";

interface StandingDialogProps {
  readonly verdict: Verdict;
  readonly device: { readonly id: DeviceId; readonly name: string; readonly standing: DeviceStanding };
  readonly onClose: () => void;
}

export function StandingDialog({ verdict, device, onClose }: StandingDialogProps) {
  const { verb, question, consequences } = VERDICTS[verdict];
  return (
    <ReasonDialog
      title={question(device.name)}
      consequences={consequences(device.standing)}
      label="Reason, for the record"
      reason=""
      charsMax={500}
      verb={verb}
      stops={verdict === "revoke"}
      act={async (because) => await setStanding(device.id, verdict, because)}
      path={`/devices/${device.id}/${verdict}`}
      command={`npm run ringback -- devices ${verdict} ${device.id}`}
      openerGoesAfter
      onClose={onClose}
    />
  );
}
