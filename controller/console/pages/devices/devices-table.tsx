/** The devices of one page of the list. */
import { Button } from "@mantine/core";
import { memo, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { DeviceSort, type DeviceSummary } from "../../../../protocol/api-devices.ts";
import { Badge } from "../../components/badge.tsx";
import { DataTable, type SortableColumn } from "../../components/data-table.tsx";
import { StandingDialog } from "../../components/standing-dialog.tsx";
import { Moment } from "../../components/moment.tsx";
import { CONDITIONS } from "../../words/conditions.ts";
import { bootEndWords, connectionWords } from "../../words/devices.ts";
import { ago } from "../../words/numbers.ts";
import { STANDINGS, type Verdict, VERDICTS } from "../../words/standings.ts";
import { changed } from "./device-address.ts";
import styles from "./devices-table.module.css";

/** More versions than these are counted. */
const VERSIONS_SHOWN = 2;

interface DevicesTableProps {
  readonly devices: readonly DeviceSummary[];
  /** By the controller's clock. */
  readonly now: number;
}

export function DevicesTable({ devices, now }: DevicesTableProps) {
  const [query] = useSearchParams();
  const [asked, setAsked] = useState<Asked>();
  // A column of which every row says the same is one too many.
  const isAdmitting = query.get("standing") !== null || devices.some(({ standing }) => standing !== "accepted");
  const columns = [
    sortable(query, "Name", "name"),
    ...(isAdmitting ? ["Let in"] : []),
    "Condition",
    "Site",
    "Role",
    "Connection",
    sortable(query, "Last heard", "last-heard"),
    "Last boot ended",
    "Content",
  ];
  return (
    <>
      <DataTable caption="Devices" columns={columns} cards>
        {devices.map((device) => (
          <Row
            key={device.id}
            device={device}
            heard={device.lastHeardAt === null ? "never" : ago(now - device.lastHeardAt)}
            isAdmitting={isAdmitting}
            onAsk={setAsked}
          />
        ))}
      </DataTable>
      {asked !== undefined && <StandingDialog {...asked} onClose={() => setAsked(undefined)} />}
    </>
  );
}

interface Asked {
  readonly verdict: Verdict;
  readonly device: DeviceSummary;
}

function sortable(query: URLSearchParams, name: string, sort: DeviceSort): SortableColumn {
  const present = DeviceSort.safeParse(query.get("sort") ?? "name").data;
  const order = query.get("order") === "descending" ? "descending" : "ascending";
  const isSorted = present === sort;
  const next = isSorted && order === "ascending" ? "descending" : undefined;
  return {
    name,
    to: changed(query, { sort: sort === "name" ? undefined : sort, order: next }),
    sorted: isSorted ? order : undefined,
  };
}

interface RowProps {
  readonly device: DeviceSummary;
  readonly heard: string;
  readonly isAdmitting: boolean;
  readonly onAsk: (asked: Asked) => void;
}

/** Drawn again only when something of it has changed, not with every second. */
const Row = memo(function Row({ device, heard, isAdmitting, onAsk }: RowProps) {
  const { id, name, condition, site, role, connected, lastHeardAt, lastEnd, tries, versions } = device;
  const connection = connectionWords(connected);
  return (
    <tr>
      <th scope="row" className={styles["name"]}>
        <Link to={`/devices/${id}`} title={id}>
          {name}
        </Link>
      </th>
      {isAdmitting && (
        <td data-label="Let in">
          <LetIn device={device} onAsk={onAsk} />
        </td>
      )}
      <td data-label="Condition">
        <span>
          <Badge {...CONDITIONS[condition]} title={CONDITIONS[condition].meaning} />
        </span>
      </td>
      <td data-label="Site">{site}</td>
      <td data-label="Role" className={styles["word"]}>
        {role}
      </td>
      <td data-label="Connection">
        <span className={styles["connection"]} data-connected={connected}>
          <connection.Icon size={16} aria-hidden /> {connection.word}
        </span>
      </td>
      <td data-label="Last heard">
        <span>
          {heard}
          {lastHeardAt !== null && (
            <span className={styles["detail"]}>
              <Moment at={lastHeardAt} />
            </span>
          )}
        </span>
      </td>
      <td data-label="Last boot ended">
        <span>
          {bootEndWords(lastEnd)}
          {tries !== null && tries > 1 && condition !== "healthy" && (
            <span className={styles["detail"]}>{tries} boots, none good</span>
          )}
        </span>
      </td>
      <td data-label="Content">
        <Versions versions={versions} />
      </td>
    </tr>
  );
});

/** Who waits is decided about here; everything else, where the device is looked at closely. */
function LetIn({ device, onAsk }: Pick<RowProps, "device" | "onAsk">) {
  const { word, meaning, tone, Icon, verdicts } = STANDINGS[device.standing];
  return (
    <span>
      <Badge tone={tone} Icon={Icon} word={word} title={meaning} />
      {device.standing === "pending" && (
        <span className={styles["verdicts"]}>
          {verdicts.map((verdict) => (
            <Button
              key={verdict}
              size="xs"
              variant="default"
              aria-label={`${VERDICTS[verdict].verb} ${device.name}`}
              onClick={() => onAsk({ verdict, device })}
            >
              {VERDICTS[verdict].verb}
            </Button>
          ))}
        </span>
      )}
      {device.group !== null && device.standing !== "accepted" && (
        <span className={styles["detail"]}>group {device.group}</span>
      )}
    </span>
  );
}

function Versions({ versions }: Pick<DeviceSummary, "versions">) {
  if (versions.length === 0) return <span className="muted">not known</span>;
  const shown = versions.slice(0, VERSIONS_SHOWN).map(({ label }) => label);
  const rest = versions.length - shown.length;
  return (
    <span title={versions.map(({ source, label }) => `${source} ${label}`).join("\n")}>
      {shown.join(", ")}
      {rest > 0 && <span className={styles["detail"]}>and {rest} more</span>}
    </span>
  );
}
