/**
 * Where the curves of a what-if lie. Time runs on a scale of powers: the first hour and the last day matter alike. Pure.
 */
export interface CurveFrame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface TimeMark {
  readonly x: number;
  readonly text: string;
}

/** A minute is as early as anything is shown. */
const FIRST_MINUTES = 1;
const MARKS = [
  { minutes: 1, text: "1 min" },
  { minutes: 10, text: "10 min" },
  { minutes: 60, text: "1 h" },
  { minutes: 360, text: "6 h" },
  { minutes: 1_440, text: "1 d" },
  { minutes: 10_080, text: "7 d" },
  { minutes: 20_160, text: "14 d" },
] as const;

const timeX = (minutes: number, last: number, { left, right }: CurveFrame): number => {
  const share =
    Math.log(Math.max(FIRST_MINUTES, minutes) / FIRST_MINUTES) / Math.log(Math.max(2, last) / FIRST_MINUTES);
  return left + Math.min(1, share) * (right - left);
};

export const shareY = (share: number, { top, bottom }: CurveFrame): number =>
  bottom - Math.min(1, Math.max(0, share)) * (bottom - top);

export interface Point {
  readonly minutes: number;
  readonly recovered: number;
}

/** Steps, not slopes: between two points of the simulation nothing is claimed. */
export function curvePath(curve: readonly Point[], last: number, frame: CurveFrame): string {
  let path = "";
  for (const { minutes, recovered } of curve) {
    const x = timeX(minutes, last, frame).toFixed(1);
    const y = shareY(recovered, frame).toFixed(1);
    path += path === "" ? `M${x} ${y}` : `H${x} V${y}`;
  }
  return path === "" ? "" : `${path} H${frame.right}`;
}

/** As many as have room beside each other. */
export function timeMarks(last: number, frame: CurveFrame): TimeMark[] {
  const marks: TimeMark[] = [];
  for (const { minutes, text } of MARKS) {
    if (minutes > last) break;
    const x = timeX(minutes, last, frame);
    const before = marks.at(-1);
    if (before === undefined || x - before.x > 52) marks.push({ x, text });
  }
  return marks;
}
