/** A point in time: local time on the page, local and UTC with date in the tooltip. */
import { useNow } from "../hooks/use-now.ts";
import { clockTime, fullTime, isSameDay, localDate } from "../words/times.ts";

export function Moment({ at }: { readonly at: number }) {
  const now = useNow();
  const shown = isSameDay(at, now) ? clockTime(at) : `${localDate(at)} ${clockTime(at)}`;
  return (
    <time dateTime={new Date(at).toISOString()} title={fullTime(at)} className="numeric">
      {shown}
    </time>
  );
}
