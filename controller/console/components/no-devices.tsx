/** A controller without a device: what to do first. */
import { Empty } from "./empty.tsx";

export function NoDevices() {
  return (
    <Empty what="No device is registered yet.">
      <p>
        Install the agent on a machine, then register it: <code>npm run agent -- --help</code> shows how to get its id
        and key, <code>npm run ringback -- --help</code> how to register them.
      </p>
    </Empty>
  );
}
