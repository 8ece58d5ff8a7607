/** How machines fare by content version, against all others: word, numbers with interval, bar, and the way to them. */
import { Link } from "react-router";
import type { DetectionView } from "../../../protocol/api-incidents.ts";
import { versionName } from "../../../protocol/incident-words.ts";
import { count } from "../words/numbers.ts";
import { compareRates, rateWords } from "../words/rates.ts";
import { Badge } from "./badge.tsx";
import { DataTable } from "./data-table.tsx";
import { RateBar } from "./rate-bar.tsx";

type Version = DetectionView["versions"][number];

export function VersionRates({ versions }: { readonly versions: readonly Version[] }) {
  const most = Math.max(0, ...versions.flatMap(({ rate, others }) => [rate?.high ?? 0, others?.high ?? 0]));
  return (
    <DataTable
      caption="Affected machines by content version"
      columns={["Version", "Against others", "Of those that run it", "Of others", "Both, on one scale"]}
      cards
    >
      {versions.map((version) => {
        const { source, sha256, rate, others, counts } = version;
        const words = compareRates(version);
        const devices = `/devices?${new URLSearchParams({ source, sha256 }).toString()}`;
        return (
          <tr key={`${source} ${sha256}`} data-tone={words.tone}>
            <th scope="row" data-label="Version">
              <Link to={devices}>{versionName(version)}</Link>
            </th>
            <td data-label="Against others">
              <Badge {...words} />
            </td>
            <td data-label="Of those that run it" className="numeric">
              <strong>{rateWords(rate)}</strong>
              <br />
              <span className="muted">
                {count(counts.affectedExposed)} of {count(counts.affectedExposed + counts.wellExposed)}
              </span>
            </td>
            <td data-label="Of others" className="numeric">
              {rateWords(others)}
            </td>
            <td data-label="On one scale">
              <RateBar rate={rate} others={others} most={most} />
            </td>
          </tr>
        );
      })}
    </DataTable>
  );
}
