/**
 * One device: in what condition it is and why, its boots as a picture, what ran at each, what its orders did to it, and
 * everything as the API gives it. What is chosen and which page of each list is shown stands in the address.
 */
import { type DeviceView, DeviceView as DeviceSchema } from "../../../../protocol/api.ts";
import { IncidentList } from "../../../../protocol/api-incidents.ts";
import { DeviceId } from "../../../../protocol/ids.ts";
import { useAnnouncement } from "../../components/announcer.tsx";
import { ApiCall } from "../../components/api-call.tsx";
import { JsonBlock } from "../../components/json-block.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { Panel } from "../../components/panel.tsx";
import { useIdParam } from "../../hooks/use-id-param.ts";
import { useView } from "../../hooks/use-view.ts";
import { CONDITIONS } from "../../words/conditions.ts";
import { NotFound } from "../lost.tsx";
import { Admission } from "./admission.tsx";
import { Boots } from "./boots.tsx";
import { Orders } from "./orders.tsx";
import { Reports } from "./reports.tsx";
import { Standing } from "./standing.tsx";

export function DevicePage() {
  const id = useIdParam("device", DeviceId);
  return id === undefined ? <NotFound /> : <Device key={id} id={id} />;
}

const CRUMBS = [
  { to: "/", name: "Overview" },
  { to: "/devices", name: "Devices" },
];

function Device({ id }: { readonly id: DeviceId }) {
  const path = `/devices/${id}`;
  const view = useView(DeviceSchema, path, [{ topic: "fleet" }]);
  const title = view.kind === "here" ? view.data.name : "Device";
  return (
    <PageFrame title={title} view={view} asOf={() => undefined} crumbs={CRUMBS}>
      {(device, now) => <Everything device={device} now={now} path={path} />}
    </PageFrame>
  );
}

interface EverythingProps {
  readonly device: DeviceView;
  readonly now: number;
  readonly path: string;
}

function Everything({ device, now, path }: EverythingProps) {
  const incidents = useView(IncidentList, "/incidents", [{ topic: "incident" }]);
  useAnnouncement(`${device.name}: ${CONDITIONS[device.condition].word}. ${device.because}`);
  return (
    <>
      <Standing device={device} now={now} />
      <Admission device={device} />
      <Boots device={device} now={now} incidents={incidents.kind === "here" ? incidents.data.items : []} />
      <Orders device={device.id} />
      <Panel title="As the API gives it">
        <JsonBlock value={device} summary="This device" what="the device as JSON" />
        <ApiCall path={path} />
        <Reports device={device.id} />
      </Panel>
    </>
  );
}
