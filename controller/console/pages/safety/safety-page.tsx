/** What keeps the fleet safe from us: stopping everything, sources that are held, and what devices would not do. */
import { EmergencyView } from "../../../../protocol/api-emergency.ts";
import { ApiCall } from "../../components/api-call.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { useView } from "../../hooks/use-view.ts";
import { Holds } from "./holds.tsx";
import { Refusals } from "./refusals.tsx";
import { Stops } from "./stops.tsx";

export function SafetyPage() {
  const view = useView(EmergencyView, "/emergency-stop", [{ topic: "rollout" }, { topic: "trust" }]);
  return (
    <PageFrame title="Safety" view={view} asOf={({ asOf }) => asOf}>
      {(emergency) => (
        <>
          <Stops emergency={emergency} />
          <Refusals />
          <Holds />
          <ApiCall path="/emergency-stop" command="ringback emergency show" />
        </>
      )}
    </PageFrame>
  );
}
