/** How machines fare by content version; and plainly, where nobody can be convicted by numbers. */
import { Link } from "react-router";
import { DetectionView } from "../../../../protocol/api-incidents.ts";
import { Empty } from "../../components/empty.tsx";
import { Notice } from "../../components/notice.tsx";
import { Panel } from "../../components/panel.tsx";
import { VersionRates } from "../../components/version-rates.tsx";
import { ViewPart } from "../../components/view-part.tsx";
import type { View } from "../../hooks/use-view.ts";
import { counted } from "../../words/numbers.ts";

/** More versions than this help nobody on an overview; the page of detection has them all. */
const SHOWN = 6;

export function CrashRates({ view }: { readonly view: View<DetectionView> }) {
  return (
    <Panel title="How machines fare by content version" aside={<Link to="/detection">Detection</Link>}>
      <ViewPart what="Detection" view={view}>
        {({ versions, canConvict, sentence }) => {
          const shown = versions.toSorted((a, b) => b.counts.e - a.counts.e).slice(0, SHOWN);
          const more = versions.length - shown.length;
          return (
            <>
              {!canConvict && (
                <Notice tone="warn">
                  <p>
                    <strong>Nobody is convicted by numbers on this fleet.</strong> {sentence}
                  </p>
                </Notice>
              )}
              {shown.length === 0 ? (
                <Empty what="No version is under watch: there is nothing new to compare." />
              ) : (
                <VersionRates versions={shown} />
              )}
              {more > 0 && (
                <p className="muted">
                  <Link to="/detection">{counted(more, "more version")} under watch</Link>, with less evidence against
                  them
                </p>
              )}
            </>
          );
        }}
      </ViewPart>
    </Panel>
  );
}
