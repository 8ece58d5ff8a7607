/**
 * The boots of a device along time, as a picture that can be walked through with the keyboard.
 *
 * The picture itself is for the eye; over each boot lies a button whose name says all that is drawn. One of the buttons
 * is in the tab order, the arrow keys go to the others: however many boots there are, they are one stop.
 */
import { useElementSize } from "@mantine/hooks";
import { type KeyboardEvent, useLayoutEffect, useRef, useState } from "react";
import type { BootView } from "../../../protocol/api-device.ts";
import { bootName, END_MARKS, endKindOf, endLabel, QUALITIES, qualityOf } from "../words/boots.ts";
import { clockTime, localDate } from "../words/times.ts";
import styles from "./boot-timeline.module.css";
import { CHARACTER, type Layout, layOutTimeline, type Slot, timeMarks } from "./layout.ts";
import { MarkShape } from "./mark.tsx";

const HEIGHT = 116;
const FLOOR = 68;
const BAR_HEIGHTS = { good: 40, "not-yet": 28, "never-good": 28, unseen: 16, unmatched: 16 } as const;
const PAGE = 10;

interface BootTimelineProps {
  /** Newest first, as the API gives them. */
  readonly boots: readonly BootView[];
  readonly now: number;
  /** The boot that runs now. */
  readonly running: string | undefined;
  readonly selected: string | undefined;
  readonly onSelect: (key: string) => void;
  /** Content of a boot that somebody has declared faulty. */
  readonly isFaulty: (sha256: string) => boolean;
}

export function BootTimeline({ boots: newestFirst, now, running, selected, onSelect, isFaulty }: BootTimelineProps) {
  const { ref, width: room } = useElementSize();
  const scroller = useRef<HTMLDivElement>(null);
  const buttons = useRef(new Map<string, HTMLButtonElement>());
  const [focused, setFocused] = useState<string>();
  const boots = newestFirst.toReversed();
  const layout = layOutTimeline(
    boots.map((boot) => ({
      key: boot.key,
      startedAt: boot.times.startedAt,
      until: untilOf(boot, boot.key === running ? now : undefined),
      words: endLabel(boot, endKindOf(boot, boot.key === running)),
      mustShow: isBugcheck(boot),
      ticks: boot.kind === "reported" ? boot.changes.map(({ receivedAt }) => receivedAt) : [],
    })),
    now,
    Math.max(0, room - 2),
  );
  const stop = boots.some(({ key }) => key === focused) ? focused : (selected ?? boots.at(-1)?.key);
  const count = boots.length;

  useLayoutEffect(() => {
    const box = scroller.current;
    if (box !== null) box.scrollLeft = box.scrollWidth; // the newest is at the right
  }, [count, room]);

  const move = (event: KeyboardEvent, index: number): void => {
    const to = targetOf(event.key, index, boots.length);
    const key = to === undefined ? undefined : boots[to]?.key;
    if (key === undefined) return;
    event.preventDefault();
    setFocused(key);
    buttons.current.get(key)?.focus();
  };

  return (
    <div ref={scroller} className={styles["scroll"]}>
      <div ref={ref}>
        <div
          // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a fieldset is for fields
          role="group"
          aria-label="Boots, oldest first"
          className={styles["picture"]}
          style={{ width: layout.width }}
        >
          <Picture boots={boots} layout={layout} running={running} isFaulty={isFaulty} />
          {layout.slots.map((slot, i) => {
            const boot = boots[i];
            if (boot === undefined) return null;
            const name = bootName(boot, boot.key === running);
            return (
              <button
                key={slot.key}
                ref={(button) => {
                  if (button === null) buttons.current.delete(slot.key);
                  else buttons.current.set(slot.key, button);
                }}
                type="button"
                className={styles["slot"]}
                style={{ left: slot.x, width: slot.width }}
                tabIndex={slot.key === stop ? 0 : -1}
                aria-label={name}
                aria-pressed={slot.key === selected}
                title={name}
                onFocus={() => setFocused(slot.key)}
                onClick={() => onSelect(slot.key)}
                onKeyDown={(event) => move(event, i)}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** Where a key leads; undefined if it leads nowhere. */
function targetOf(key: string, index: number, count: number): number | undefined {
  const to: Record<string, number> = {
    ArrowLeft: index - 1,
    ArrowRight: index + 1,
    PageUp: index - PAGE,
    PageDown: index + PAGE,
    Home: 0,
    End: count - 1,
  };
  const target = to[key];
  return target === undefined ? undefined : Math.min(count - 1, Math.max(0, target));
}

/** The end if somebody knows it, otherwise the last that was heard. */
function untilOf(boot: BootView, now: number | undefined): number {
  if (now !== undefined) return now;
  const { startedAt, endedAt } = boot.times;
  return endedAt ?? Math.max(startedAt, boot.kind === "reported" ? boot.heardUntil : startedAt);
}

/** Which bugcheck it was is always shown. */
const isBugcheck = ({ ending }: BootView): boolean =>
  ending !== null && ending.by !== "leaving" && ending.end.kind === "bugcheck";

interface PictureProps {
  readonly boots: readonly BootView[];
  readonly layout: Layout;
  readonly running: string | undefined;
  readonly isFaulty: (sha256: string) => boolean;
}

function Picture({ boots, layout, running, isFaulty }: PictureProps) {
  const { slots, width } = layout;
  const begins = boots.map(({ times: { startedAt } }) => ({
    day: localDate(startedAt),
    time: clockTime(startedAt).slice(0, 5),
  }));
  return (
    <svg width={width} height={HEIGHT} aria-hidden>
      <defs>
        <pattern id="never-good" width={6} height={6} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width={6} height={6} className={styles["hatch-ground"]} />
          <line y2={6} className={styles["hatch"]} />
        </pattern>
      </defs>
      <line y1={FLOOR + 0.5} y2={FLOOR + 0.5} x2={width} className={styles["ground"]} />
      {timeMarks(layout, begins).map(({ index, text, x }) => (
        <text key={index} x={x} y={11} className={styles["date"]}>
          {text}
        </text>
      ))}
      {slots.map((slot, i) => {
        const boot = boots[i];
        return boot === undefined ? null : (
          <BootMark key={slot.key} boot={boot} slot={slot} isRunning={boot.key === running} isFaulty={isFaulty} />
        );
      })}
    </svg>
  );
}

interface BootMarkProps {
  readonly boot: BootView;
  readonly slot: Slot;
  readonly isRunning: boolean;
  readonly isFaulty: (sha256: string) => boolean;
}

function BootMark({ boot, slot, isRunning, isFaulty }: BootMarkProps) {
  const quality = qualityOf(boot, isRunning);
  const kind = endKindOf(boot, isRunning);
  const { shape, tone } = END_MARKS[kind];
  const label = endLabel(boot, kind);
  const height = BAR_HEIGHTS[quality];
  const left = slot.x + 2;
  const fits = label.length * CHARACTER <= slot.width - 2;
  return (
    <>
      <rect
        x={left}
        y={FLOOR - height}
        width={slot.barWidth}
        height={height}
        rx={2}
        data-tone={QUALITIES[quality].tone}
        data-quality={quality}
        className={styles["bar"]}
        fill={quality === "never-good" ? "url(#never-good)" : undefined}
      />
      {slot.hasGap && (
        <line
          x1={left + slot.barWidth + 3}
          x2={slot.x + slot.width - 3}
          y1={FLOOR - 6}
          y2={FLOOR - 6}
          className={styles["gap"]}
        />
      )}
      {slot.ticks.map((x, i) => {
        const change = boot.kind === "reported" ? boot.changes[i] : undefined;
        const faulty = change !== undefined && isFaulty(change.entry.version.sha256);
        return (
          <path
            key={i}
            d={`M${left + x} ${FLOOR - BAR_HEIGHTS.good} l-5 -9 h10 Z`}
            className={styles[faulty ? "tick-faulty" : "tick"]}
          />
        );
      })}
      <g transform={`translate(${slot.markX} ${FLOOR + 18})`} data-tone={tone} className={styles["mark"]}>
        <MarkShape shape={shape} />
      </g>
      {fits && (
        <text x={slot.markX} y={FLOOR + 42} data-tone={tone} className={styles["label"]}>
          {label}
        </text>
      )}
    </>
  );
}
