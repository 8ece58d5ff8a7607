/** Where it has struck: a sentence, the sites as a picture or as a table, and the one that is chosen. */
import { memo } from "react";
import { Link, useSearchParams } from "react-router";
import type { z } from "zod";
import { IncidentSpread, type IncidentView } from "../../../../protocol/api-incidents.ts";
import type { SiteSpread } from "../../../../protocol/incident.ts";
import { ApiCall } from "../../components/api-call.tsx";
import { Choice } from "../../components/choice.tsx";
import { DataTable } from "../../components/data-table.tsx";
import { Empty } from "../../components/empty.tsx";
import { Panel } from "../../components/panel.tsx";
import { ViewPart } from "../../components/view-part.tsx";
import { useView } from "../../hooks/use-view.ts";
import { devicesStanding } from "../../words/incident-links.ts";
import { siteWords, spreadWords, STANDING_ORDER, STANDINGS } from "../../words/incidents.ts";
import { count, counted } from "../../words/numbers.ts";
import { SpreadPicture } from "./spread-picture.tsx";
import styles from "./spread.module.css";

/** Hundreds of tiles: not drawn anew with every second of the page's clock. */
export const Spread = memo(function Spread({ incident }: { readonly incident: IncidentView }) {
  const [query, setQuery] = useSearchParams();
  const path = `/incidents/${incident.id}/spread`;
  const view = useView(IncidentSpread, path, [{ topic: "incident", key: incident.id }, { topic: "fleet" }]);
  const isTable = query.get("spread") === "table";
  const set = (name: string, value: string | null): void =>
    setQuery(
      (before) => {
        const changed = new URLSearchParams(before);
        if (value === null) changed.delete(name);
        else changed.set(name, value);
        return changed;
      },
      { replace: true, preventScrollReset: true },
    );
  const choice = (
    <Choice
      label="How to show the sites"
      options={[
        { value: "picture", label: "Picture" },
        { value: "table", label: "Table" },
      ]}
      value={isTable ? "table" : "picture"}
      onChoose={(value) => set("spread", value === "table" ? "table" : null)}
    />
  );
  return (
    <Panel title="Spread by site" aside={choice}>
      <ViewPart what="Spread by site" view={view}>
        {({ sites, others }) => (
          <>
            <p data-testid="spread-summary">{spreadWords(sites, others)}</p>
            {sites.length === 0 && <Empty what="No machine is counted at any site." />}
            {sites.length > 0 && isTable && <SpreadTable incident={incident} sites={sites} />}
            {sites.length > 0 && !isTable && (
              <>
                <SpreadPicture
                  sites={sites}
                  selected={query.get("site") ?? undefined}
                  onSelect={(site) => set("site", site)}
                />
                <Legend />
                <Chosen incident={incident} sites={sites} site={query.get("site")} />
              </>
            )}
            <Others others={others} />
            <ApiCall path={path} command={`npm run ringback -- incidents spread ${incident.id}`} />
          </>
        )}
      </ViewPart>
    </Panel>
  );
});

function Others({ others }: { readonly others: z.infer<typeof IncidentSpread>["others"] }) {
  if (others.sites === 0) return null;
  return (
    <p className="muted">
      {counted(others.sites, "further site")} with {counted(others.devices, "machine")} not shown;{" "}
      {count(others.affected)} affected there.
    </p>
  );
}

const SWATCHES = [
  { standing: "affected", fill: "url(#tile-affected)" },
  { standing: "exposedAndWell", fill: "url(#tile-exposed)" },
  { standing: "unknown", fill: "url(#tile-unknown)" },
  { standing: "notExposed", fill: undefined },
] as const;

function Legend() {
  return (
    <>
      <ul className={styles["legend"]} aria-label="What the picture shows">
        {SWATCHES.map(({ standing, fill }) => (
          <li key={standing}>
            <svg width={20} height={14} aria-hidden>
              <rect width={20} height={14} className={styles["ground"]} fill={fill} style={fill && { fill }} />
            </svg>
            {STANDINGS[standing].word}
          </li>
        ))}
      </ul>
      <p className="muted">The most affected sites first. Arrow keys go from site to site, Enter chooses one.</p>
    </>
  );
}

interface ChosenProps {
  readonly incident: IncidentView;
  readonly sites: readonly SiteSpread[];
  readonly site: string | null;
}

function Chosen({ incident, sites, site }: ChosenProps) {
  const spread = sites.find((one) => one.site === site);
  return (
    <div className={styles["chosen"]} aria-live="polite">
      {spread !== undefined && (
        <>
          <p>
            <strong>{siteWords(spread)}.</strong>
          </p>
          <ul>
            {STANDING_ORDER.map((standing) => {
              const to = devicesStanding(incident, standing, spread.site);
              return to === undefined || spread[standing] === 0 ? null : (
                <li key={standing}>
                  <Link to={to}>
                    {count(spread[standing])} {STANDINGS[standing].word}
                  </Link>
                </li>
              );
            })}
            <li>
              <Link to={`/devices?${new URLSearchParams({ site: spread.site }).toString()}`}>All devices there</Link>
            </li>
          </ul>
        </>
      )}
    </div>
  );
}

function SpreadTable({ incident, sites }: Omit<ChosenProps, "site">) {
  return (
    <DataTable
      caption="Sites"
      columns={["Site", "Machines", ...STANDING_ORDER.map((each) => capital(STANDINGS[each].word))]}
      cards
    >
      {sites.map((spread) => (
        <tr key={spread.site}>
          <th scope="row" data-label="Site">
            {spread.site}
          </th>
          <td data-label="Machines" className="numeric">
            {count(spread.devices)}
          </td>
          {STANDING_ORDER.map((standing) => {
            const to = devicesStanding(incident, standing, spread.site);
            const value = count(spread[standing]);
            return (
              <td key={standing} data-label={capital(STANDINGS[standing].word)} className="numeric">
                {to === undefined || spread[standing] === 0 ? value : <Link to={to}>{value}</Link>}
              </td>
            );
          })}
        </tr>
      ))}
    </DataTable>
  );
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
