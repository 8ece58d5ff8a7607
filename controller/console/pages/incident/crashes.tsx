/** The crashes that are kept as evidence: what they say together, and each with its dump. */
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import type { z } from "zod";
import { IncidentCrashPage, type IncidentCrashView } from "../../../../protocol/api.ts";
import type { IncidentView } from "../../../../protocol/api-incidents.ts";
import { endWords, suspectWords } from "../../../../protocol/boot-words.ts";
import { DataTable } from "../../components/data-table.tsx";
import { Moment } from "../../components/moment.tsx";
import { Pager } from "../../components/pager.tsx";
import { Panel } from "../../components/panel.tsx";
import { ViewPart } from "../../components/view-part.tsx";
import { useView } from "../../hooks/use-view.ts";
import { counted } from "../../words/numbers.ts";
import styles from "./incident.module.css";

export function Crashes({ incident: { id, crashes } }: { readonly incident: IncidentView }) {
  const [query] = useSearchParams();
  const cursor = query.get("crashes");
  const [isOpen, setOpen] = useState(cursor !== null);
  return (
    <Panel title="Crashes behind it">
      <p>{crashes.sentence}</p>
      {crashes.suspects.length + crashes.bugchecks.length > 0 && (
        <ul className={styles["lines"]}>
          {crashes.suspects.map(({ driver, devices }) => (
            <li key={driver}>
              Crash dumps of {counted(devices, "device")} point at <strong>{driver}</strong>
            </li>
          ))}
          {crashes.bugchecks.map(({ code, devices }) => (
            <li key={code}>
              Bugcheck 0x{code} on {counted(devices, "device")}
            </li>
          ))}
        </ul>
      )}
      {crashes.devices > 0 && (
        <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
          <summary className={styles["summary"]}>Each crash, {counted(crashes.devices, "device")}</summary>
          {isOpen && (
            <EachCrash
              path={`/incidents/${id}/crashes${cursor === null ? "" : `?cursor=${encodeURIComponent(cursor)}`}`}
            />
          )}
        </details>
      )}
    </Panel>
  );
}

function EachCrash({ path }: { readonly path: string }) {
  const view = useView(IncidentCrashPage, path, [{ topic: "incident" }]);
  return (
    <ViewPart what="Crashes" view={view}>
      {({ items, next }) => (
        <>
          <DataTable caption="Crashes" columns={["Device", "Site", "Reported", "How it ended", "Crash dump"]} cards>
            {items.map((crash) => (
              <Crash key={crash.device} crash={crash} />
            ))}
          </DataTable>
          <Pager next={next} param="crashes" label="Pages of crashes" />
        </>
      )}
    </ViewPart>
  );
}

function Crash({ crash: { device, name, site, at, boot } }: { readonly crash: z.infer<typeof IncidentCrashView> }) {
  const [dump] = boot.evidence?.crashDumps ?? [];
  return (
    <tr>
      <th scope="row" data-label="Device">
        <Link to={`/devices/${device}`}>{name}</Link>
      </th>
      <td data-label="Site">{site ?? "not known any more"}</td>
      <td data-label="Reported">
        <Moment at={at} />
      </td>
      <td data-label="How it ended">{endWords(boot.previousEnd)}</td>
      <td data-label="Crash dump">{dump === undefined ? "none was sent" : suspectWords(dump)}</td>
    </tr>
  );
}
