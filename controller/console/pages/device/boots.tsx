/** The boots of a device: a sentence, the picture or the table, and the one that is chosen. */
import { useSearchParams } from "react-router";
import type { DeviceView } from "../../../../protocol/api.ts";
import type { IncidentView } from "../../../../protocol/api-incidents.ts";
import { BootPage, type BootView } from "../../../../protocol/api-device.ts";
import { runWords } from "../../../../protocol/boot-words.ts";
import { ApiCall } from "../../components/api-call.tsx";
import { Choice } from "../../components/choice.tsx";
import { Empty } from "../../components/empty.tsx";
import { Pager } from "../../components/pager.tsx";
import { Panel } from "../../components/panel.tsx";
import { ViewPart } from "../../components/view-part.tsx";
import { useView } from "../../hooks/use-view.ts";
import { BootTimeline } from "../../timeline/boot-timeline.tsx";
import { Legend } from "../../timeline/legend.tsx";
import { summaryWords } from "../../words/boots.ts";
import { BootTable } from "./boot-table.tsx";
import styles from "./device.module.css";
import { SelectedBoot } from "./selected-boot.tsx";

interface BootsProps {
  readonly device: DeviceView;
  readonly now: number;
  readonly incidents: readonly IncidentView[];
}

export function Boots(props: BootsProps) {
  const [query] = useSearchParams();
  const cursor = query.get("boots");
  const asked = new URLSearchParams([["limit", query.get("show") === "200" ? "200" : "50"]]);
  if (cursor !== null) asked.set("cursor", cursor);
  const path = `/devices/${props.device.id}/boots?${asked.toString()}`;
  const view = useView(BootPage, path, [{ topic: "fleet" }]);
  return (
    <>
      {view.kind === "here" && view.data.items.length > 0 ? (
        <ManyBoots {...props} view={view} isNewest={cursor === null} path={path} />
      ) : (
        <Panel title="Boots">
          <ViewPart what="boots" view={view}>
            {() => <NoBoots device={props.device} />}
          </ViewPart>
        </Panel>
      )}
    </>
  );
}

function NoBoots({ device: { lastHeardAt } }: { readonly device: DeviceView }) {
  return (
    <Empty what="No boot was ever reported.">
      {lastHeardAt === null ? (
        <p>
          The device is registered, but its agent has never reached this controller. Check that the agent's service runs
          on it, and that it was installed with this controller's address.
        </p>
      ) : (
        <p>The device has connected. Its agent reports a boot as soon as it has written it down.</p>
      )}
    </Empty>
  );
}

interface ManyBootsProps extends BootsProps {
  readonly view: Extract<ReturnType<typeof useView<typeof BootPage>>, { kind: "here" }>;
  readonly isNewest: boolean;
  readonly path: string;
}

function ManyBoots({ device, now, incidents, view, isNewest, path }: ManyBootsProps) {
  const [query, setQuery] = useSearchParams();
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
  const { items, next } = view.data;
  const chosen = query.get("boot");
  // On an older page the choice of a newer one means nothing any more.
  const selected = items.find(({ key }) => key === chosen) ?? (chosen === null || !isNewest ? items[0] : undefined);
  const running = isNewest && device.connected ? items[0]?.key : undefined;
  const isTable = query.get("view") === "table";
  const run = isNewest ? runWords(items) : null;
  const faulty = new Set<string>(incidents.flatMap(({ versions }) => versions.map(({ sha256 }) => sha256)));
  const isFaulty = (sha256: string): boolean => faulty.has(sha256);
  const common = { boots: items, running, selected: selected?.key, onSelect: (key: string) => set("boot", key) };
  const choices = (
    <div className={styles["buttons"]}>
      <Choice
        label="How to show the boots"
        options={[
          { value: "picture", label: "Picture" },
          { value: "table", label: "Table" },
        ]}
        value={isTable ? "table" : "picture"}
        onChoose={(value) => set("view", value === "table" ? "table" : null)}
      />
    </div>
  );
  return (
    <>
      <Panel title="Boots" aside={choices}>
        <ViewPart what="boots" view={view}>
          {() => (
            <>
              <p data-testid="boots-summary">
                {summaryWords(items, running)} {run !== null && <strong>{run}</strong>}
              </p>
              {isTable ? (
                <BootTable {...common} />
              ) : (
                <>
                  <BootTimeline
                    {...common}
                    now={isNewest ? now : (items[0]?.times.endedAt ?? items[0]?.times.startedAt ?? now)}
                    isFaulty={isFaulty}
                  />
                  <Legend boots={items} running={running} isFaulty={isFaulty} />
                  <p className="muted">
                    Oldest at the left. A longer boot is wider, but less than in proportion; a dotted line is time in
                    which nothing was heard. Arrow keys go from boot to boot, Enter chooses one.
                  </p>
                </>
              )}
              <div className={styles["bar"]}>
                <Pager next={next} param="boots" label="Pages of boots" first="Newest boots" further="Older boots" />
                {next !== null && query.get("show") !== "200" && (
                  <button type="button" className={styles["text-button"]} onClick={() => set("show", "200")}>
                    Show 200 at once
                  </button>
                )}
              </div>
              <ApiCall path={path} />
            </>
          )}
        </ViewPart>
      </Panel>
      {selected === undefined ? (
        <Panel title="Boot">
          <Empty what="The boot in the address is not among those shown.">
            <p>It may be older than these, or of another device. Choose one above.</p>
          </Empty>
        </Panel>
      ) : (
        <SelectedBoot
          boot={selected}
          before={previousOf(items, selected)}
          after={items[items.indexOf(selected) - 1]}
          isRunning={selected.key === running}
          incidents={incidents}
          onSelect={common.onSelect}
          isNewest={isNewest && selected === items[0]}
          older={items[items.indexOf(selected) + 1]}
        />
      )}
    </>
  );
}

/** The one that the agent told of before: what ran at it is known. */
function previousOf(items: readonly BootView[], boot: BootView): Extract<BootView, { kind: "reported" }> | undefined {
  return items.slice(items.indexOf(boot) + 1).find((one) => one.kind === "reported");
}
