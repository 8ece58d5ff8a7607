/** What detection watches, what it has learnt and can promise, and what the controller may do by itself. */
import { Link } from "react-router";
import { DetectionView } from "../../../../protocol/api-incidents.ts";
import { ApiCall } from "../../components/api-call.tsx";
import { Notice } from "../../components/notice.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { Panel } from "../../components/panel.tsx";
import { useView } from "../../hooks/use-view.ts";
import { counted } from "../../words/numbers.ts";
import { Connectors } from "./connectors.tsx";
import { Learnt } from "./learnt.tsx";
import { Responses } from "./responses.tsx";
import { Versions } from "./versions.tsx";
import { Webhooks } from "./webhooks.tsx";

export function DetectionPage() {
  const view = useView(DetectionView, "/detection", [{ topic: "fleet" }, { topic: "incident" }]);
  return (
    <PageFrame title="Detection" view={view} asOf={({ asOf }) => asOf}>
      {(detection) => (
        <>
          <Promise detection={detection} />
          <Versions versions={detection.versions} />
          <Learnt detection={detection} />
          <Responses />
          <Connectors />
          <Webhooks />
          <ApiCall path="/detection" command="npm run ringback -- detection show" />
        </>
      )}
    </PageFrame>
  );
}

function Promise({ detection: { canConvict, sentence, devices, massSilence } }: { readonly detection: DetectionView }) {
  return (
    <Panel title="What it can promise" aside={<span className="numeric">{counted(devices, "machine")} counted</span>}>
      {massSilence && (
        <Notice tone="bad">
          <p>
            <strong>Many machines are silent at once.</strong> <Link to="/incidents?state=open">See the incident</Link>
          </p>
        </Notice>
      )}
      {canConvict ? (
        <p>{sentence}</p>
      ) : (
        <Notice tone="warn">
          <p>
            <strong>Nobody is convicted by numbers on this fleet.</strong> {sentence}
          </p>
        </Notice>
      )}
    </Panel>
  );
}
