/**
 * The sites as tiles, those with the most affected machines first, as a picture that the keyboard walks through.
 *
 * The picture itself is for the eye; over each tile lies a button whose name says all that it shows. However many sites
 * there are, they are one stop of the Tab key.
 */
import { useElementSize } from "@mantine/hooks";
import { type KeyboardEvent, useRef, useState } from "react";
import type { SiteSpread } from "../../../../protocol/incident.ts";
import { siteWords } from "../../words/incidents.ts";
import { count } from "../../words/numbers.ts";
import { layOutTiles, lengthsOf, type TileLayout, tileAt, tileBeside } from "./site-tiles.ts";
import styles from "./spread.module.css";

interface SpreadPictureProps {
  readonly sites: readonly SiteSpread[];
  readonly selected: string | undefined;
  readonly onSelect: (site: string) => void;
}

export function SpreadPicture({ sites, selected, onSelect }: SpreadPictureProps) {
  const { ref, width: room } = useElementSize();
  const buttons = useRef(new Map<string, HTMLButtonElement>());
  const [focused, setFocused] = useState<string>();
  const layout = layOutTiles(sites.length, room);
  const stop = sites.some(({ site }) => site === focused) ? focused : (selected ?? sites[0]?.site);
  const move = (event: KeyboardEvent, index: number): void => {
    const to = tileBeside(event.key, index, layout.columns, sites.length);
    const site = to === undefined ? undefined : sites[to]?.site;
    if (site === undefined) return;
    event.preventDefault();
    setFocused(site);
    buttons.current.get(site)?.focus();
  };
  return (
    <div className={styles["scroll"]}>
      <div
        ref={ref}
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a fieldset is for fields
        role="group"
        aria-label="Sites, most affected first"
        className={styles["picture"]}
        style={{ height: layout.total.height }}
      >
        {room > 0 && <Picture sites={sites} layout={layout} />}
        {sites.map((spread, index) => {
          const { x, y } = tileAt(layout, index);
          const name = siteWords(spread);
          return (
            <button
              key={spread.site}
              ref={(button) => {
                if (button === null) buttons.current.delete(spread.site);
                else buttons.current.set(spread.site, button);
              }}
              type="button"
              className={styles["tile"]}
              style={{ left: x, top: y, width: layout.width, height: layout.height }}
              tabIndex={spread.site === stop ? 0 : -1}
              aria-label={name}
              aria-pressed={spread.site === selected}
              title={name}
              onFocus={() => setFocused(spread.site)}
              onClick={() => onSelect(spread.site)}
              onKeyDown={(event) => move(event, index)}
            />
          );
        })}
      </div>
    </div>
  );
}

function Picture({ sites, layout }: { readonly sites: readonly SiteSpread[]; readonly layout: TileLayout }) {
  const { width, height } = layout.total;
  return (
    <svg width={width} height={height} aria-hidden>
      <Patterns />
      {sites.map((spread, index) => {
        const { x, y } = tileAt(layout, index);
        return (
          <g key={spread.site} transform={`translate(${x} ${y})`} data-struck={spread.affected > 0}>
            {layout.isNamed ? <NamedTile spread={spread} {...layout} /> : <SmallTile spread={spread} {...layout} />}
          </g>
        );
      })}
    </svg>
  );
}

/** Each standing has a pattern of its own besides its colour. */
function Patterns() {
  return (
    <defs>
      <pattern id="tile-affected" width={6} height={6} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width={6} height={6} className={styles["affected-ground"]} />
        <line y2={6} className={styles["affected-line"]} />
      </pattern>
      <pattern id="tile-exposed" width={6} height={6} patternUnits="userSpaceOnUse">
        <rect width={6} height={6} className={styles["exposed-ground"]} />
        <circle cx={3} cy={3} r={1.3} className={styles["exposed-dot"]} />
      </pattern>
      <pattern id="tile-unknown" width={5} height={5} patternUnits="userSpaceOnUse">
        <rect width={5} height={5} className={styles["unknown-ground"]} />
        <line x1={0.5} x2={0.5} y2={5} className={styles["unknown-line"]} />
      </pattern>
    </defs>
  );
}

const FILLS = ["url(#tile-affected)", "url(#tile-exposed)", "url(#tile-unknown)"] as const;
const partsOf = ({ affected, exposedAndWell, unknown }: SiteSpread): number[] => [affected, exposedAndWell, unknown];

const sumOf = (lengths: readonly number[]): number => lengths.reduce((sum, length) => sum + length, 0);

interface TileProps {
  readonly spread: SiteSpread;
  readonly width: number;
  readonly height: number;
}

/** The affected from the bottom, like something that rises; their number in a corner. */
function SmallTile({ spread, width, height }: TileProps) {
  const lengths = lengthsOf(partsOf(spread), spread.devices, height, 4);
  const digits = spread.affected > 999 ? "999+" : count(spread.affected);
  return (
    <>
      <rect width={width} height={height} rx={3} className={styles["ground"]} />
      {lengths.map((length, part) => {
        const top = height - sumOf(lengths.slice(0, part + 1));
        return length === 0 ? null : (
          <rect key={FILLS[part]} y={top} width={width} height={length} fill={FILLS[part]} />
        );
      })}
      <rect x={0.5} y={0.5} width={width - 1} height={height - 1} rx={3} className={styles["frame"]} />
      {spread.affected > 0 && (
        <>
          <rect x={3} y={3} width={digits.length * 7.2 + 5} height={15} rx={2} className={styles["label-ground"]} />
          <text x={5.5} y={14.5} className={styles["count"]}>
            {digits}
          </text>
        </>
      )}
    </>
  );
}

/** A character of the picture's text is about this wide. */
const CHARACTER = 6.7;

/** The name, a bar of where its machines stand, and how many are affected. */
function NamedTile({ spread, width, height }: TileProps) {
  const { site, affected, devices } = spread;
  const bar = width - 16;
  const lengths = lengthsOf(partsOf(spread), devices, bar, 4);
  const fits = Math.max(3, Math.floor(bar / CHARACTER));
  const name = site.length <= fits ? site : `${site.slice(0, fits - 1)}…`;
  return (
    <>
      <rect width={width} height={height} rx={4} className={styles["card"]} />
      <rect x={0.5} y={0.5} width={width - 1} height={height - 1} rx={4} className={styles["frame"]} />
      <text x={8} y={17} className={styles["name"]}>
        {name}
      </text>
      <rect x={8} y={23} width={bar} height={12} className={styles["ground"]} />
      {lengths.map((length, part) => {
        const x = 8 + sumOf(lengths.slice(0, part));
        return length === 0 ? null : (
          <rect key={FILLS[part]} x={x} y={23} width={length} height={12} fill={FILLS[part]} />
        );
      })}
      <text x={8} y={50} className={styles[affected > 0 ? "count" : "note"]}>
        {noteOf(spread)}
      </text>
    </>
  );
}

/** Of machines that nobody has heard it is never said that they are not affected. */
function noteOf({ affected, unknown, devices }: SiteSpread): string {
  if (affected > 0) return `${count(affected)} of ${count(devices)} affected`;
  return unknown > 0 ? `${count(unknown)} of ${count(devices)} unknown` : `${count(devices)}, none affected`;
}
