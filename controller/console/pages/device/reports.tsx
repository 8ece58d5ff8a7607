/** Every report as it was received, for whoever wants to check what the page makes of it. */
import { NativeSelect } from "@mantine/core";
import { useSearchParams } from "react-router";
import { ReportKind, ReportPage, type StoredReport } from "../../../../protocol/api-device.ts";
import type { DeviceId } from "../../../../protocol/ids.ts";
import { ApiCall } from "../../components/api-call.tsx";
import { Empty } from "../../components/empty.tsx";
import { JsonBlock } from "../../components/json-block.tsx";
import { Moment } from "../../components/moment.tsx";
import { Pager } from "../../components/pager.tsx";
import { ViewPart } from "../../components/view-part.tsx";
import { useView } from "../../hooks/use-view.ts";
import { REPORT_KINDS } from "../../words/reports.ts";
import styles from "./device.module.css";

const SHOWN = "10";
const KINDS = [
  { value: "", label: "any" },
  ...ReportKind.options.map((value) => ({ value, label: REPORT_KINDS[value] })),
];

export function Reports({ device }: { readonly device: DeviceId }) {
  const [query, setQuery] = useSearchParams();
  const kind = ReportKind.safeParse(query.get("kind")).data;
  const cursor = query.get("reports");
  const asked = new URLSearchParams({
    limit: SHOWN,
    ...(kind === undefined ? {} : { kind }),
    ...(cursor === null ? {} : { cursor }),
  });
  const path = `/devices/${device}/reports?${asked.toString()}`;
  const view = useView(ReportPage, path, [{ topic: "fleet" }]);
  const choose = (chosen: string): void =>
    setQuery(
      (before) => {
        const changed = new URLSearchParams(before);
        changed.delete("reports"); // another list begins at its first page
        if (chosen === "") changed.delete("kind");
        else changed.set("kind", chosen);
        return changed;
      },
      { replace: true, preventScrollReset: true },
    );
  return (
    <div className={styles["part"]}>
      <div className={styles["bar"]}>
        <h3>Reports as received</h3>
        <NativeSelect
          label="Kind"
          size="xs"
          data={KINDS}
          value={kind ?? ""}
          onChange={(event) => choose(event.currentTarget.value)}
        />
      </div>
      <ViewPart what="reports" view={view}>
        {({ items, next }) => (
          <>
            {items.length === 0 ? (
              <Empty what={next === null ? "No report." : "None among the newest reports."}>
                <p>{next === null ? "Nothing of this kind is stored." : "Older ones may hold some: go on below."}</p>
              </Empty>
            ) : (
              <ul className={styles["reports"]}>
                {items.map((report) => (
                  <Report key={`${report.epoch} ${report.sequence}`} report={report} />
                ))}
              </ul>
            )}
            <Pager
              next={next}
              param="reports"
              label="Pages of reports"
              first="Newest reports"
              further="Older reports"
            />
            <ApiCall path={path} />
          </>
        )}
      </ViewPart>
    </div>
  );
}

function Report({ report }: { readonly report: StoredReport }) {
  const { receivedAt, sequence, body } = report;
  const summary = (
    <>
      <Moment at={receivedAt} /> {REPORT_KINDS[body.kind]} <span className="muted">no. {sequence}</span>
    </>
  );
  return (
    <li>
      <JsonBlock value={report} summary={summary} what={`report ${sequence} as JSON`} />
    </li>
  );
}
