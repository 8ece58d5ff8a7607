/** Devices that wait for a person, or that nobody can believe: said where people look first, with the way to them. */
import { Link } from "react-router";
import type { DeviceStanding } from "../../../protocol/enrolment.ts";
import { counted } from "../words/numbers.ts";
import { Notice } from "./notice.tsx";

export function Newcomers({ standings }: { readonly standings: Readonly<Record<DeviceStanding, number>> }) {
  const { pending, cloned } = standings;
  return (
    <>
      {pending > 0 && (
        <Notice tone="warn">
          <p>
            <strong>{counted(pending, "device waits", "devices wait")} to be accepted:</strong>{" "}
            {pending === 1 ? "it reports, counts nowhere and is" : "they report, count nowhere and are"} in no plan.{" "}
            <Link to="/devices?standing=pending">Look at {pending === 1 ? "it" : "them"}</Link>
          </p>
        </Notice>
      )}
      {cloned > 0 && (
        <Notice tone="bad">
          <p>
            <strong>{counted(cloned, "identity", "identities")} on two machines each:</strong> neither of the two can be
            believed or helped. <Link to="/devices?standing=cloned">See which, and what to do</Link>
          </p>
        </Notice>
      )}
    </>
  );
}
