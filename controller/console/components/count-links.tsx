/** Where the devices of a rollout stand, as one line; each count leads to the list behind it. */
import { Link } from "react-router";
import type { RolloutId } from "../../../protocol/ids.ts";
import type { WaveCounts } from "../../../protocol/rollout.ts";
import { count } from "../words/numbers.ts";
import { shownCounts, statusWords } from "../words/statuses.ts";

export function CountLinks({ rollout, counts }: { readonly rollout: RolloutId; readonly counts: WaveCounts }) {
  const list = `/rollouts/${rollout}/devices`;
  const shown = [...shownCounts(counts)].filter(([, value]) => value > 0);
  return (
    <p className="muted numeric">
      {shown.map(([status, value]) => (
        <span key={status}>
          <Link to={`${list}?status=${status}`}>
            {count(value)} {statusWords(status).word}
          </Link>
          ,{" "}
        </span>
      ))}
      <Link to={list}>{count(counts.planned)} planned</Link>
    </p>
  );
}
