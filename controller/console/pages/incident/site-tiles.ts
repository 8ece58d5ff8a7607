/**
 * Where the tiles of sites lie: few sites get wide tiles with their names, many get small ones. Pure.
 *
 * Every tile can be pressed, so none is smaller than 32 px; the picture grows downwards, never sideways.
 */
const GAP = 4;

export interface TileLayout {
  readonly isNamed: boolean;
  readonly columns: number;
  readonly width: number;
  readonly height: number;
  readonly total: { readonly width: number; readonly height: number };
}

/** By the number of sites: how wide a tile is at least, and how high. */
const SIZES = [
  { upTo: 60, isNamed: true, widthMin: 148, height: 58 },
  { upTo: 160, isNamed: false, widthMin: 44, height: 44 },
  { upTo: Number.POSITIVE_INFINITY, isNamed: false, widthMin: 34, height: 34 },
] as const;

export function layOutTiles(sites: number, room: number): TileLayout {
  const size = SIZES.find(({ upTo }) => sites <= upTo) ?? SIZES[2];
  const { isNamed, widthMin, height } = size;
  const columns = Math.max(1, Math.floor((room + GAP) / (widthMin + GAP)));
  // Named tiles share the room; a handful of them would become bars across the page, so they have a limit.
  const width = isNamed ? Math.max(1, Math.min(260, (room + GAP) / columns - GAP)) : widthMin;
  const rows = Math.ceil(sites / columns);
  return {
    isNamed,
    columns,
    width,
    height,
    total: { width: room, height: Math.max(0, rows * (height + GAP) - GAP) },
  };
}

export const tileAt = ({ columns, width, height }: TileLayout, index: number): { x: number; y: number } => ({
  x: (index % columns) * (width + GAP),
  y: Math.floor(index / columns) * (height + GAP),
});

/** Where a key leads from a tile; undefined if it leads nowhere. */
export function tileBeside(key: string, index: number, columns: number, count: number): number | undefined {
  const to: Record<string, number> = {
    ArrowLeft: index - 1,
    ArrowRight: index + 1,
    ArrowUp: index - columns,
    ArrowDown: index + columns,
    PageUp: index - 4 * columns,
    PageDown: index + 4 * columns,
    Home: 0,
    End: count - 1,
  };
  const target = to[key];
  return target === undefined ? undefined : Math.min(count - 1, Math.max(0, target));
}

/** Parts of a whole as lengths; what is there at all is seen, so that one machine of thousands is not lost. */
export function lengthsOf(parts: readonly number[], whole: number, length: number, least: number): number[] {
  if (whole <= 0) return parts.map(() => 0);
  const raised = parts.map((part) => (part <= 0 ? 0 : Math.max(least, (part / whole) * length)));
  const sum = raised.reduce((total, part) => total + part, 0);
  return sum <= length ? raised : raised.map((part) => (part * length) / sum);
}
