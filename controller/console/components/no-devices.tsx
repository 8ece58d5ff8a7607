/** A controller without a device: what to do first. */
import { Link } from "react-router";
import { Empty } from "./empty.tsx";

export function NoDevices() {
  return (
    <Empty what="No device is registered yet.">
      <p>
        <Link to="/enrolment">Make an enrolment token</Link>: it comes with the line that enrols a machine with its
        agent.
      </p>
    </Empty>
  );
}
