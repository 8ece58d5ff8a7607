/** Numbers, shares and durations as people read them. */
const COUNT = new Intl.NumberFormat("en-GB");
export const count = (value: number): string => COUNT.format(value);

/** "1 device", "2 devices". */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

/** "66.7 %" on one line, for a share between 0 and 1. Never rounded up to 100 % nor down to 0 %: that last machine matters. */
export function share(value: number): string {
  const rounded = Math.round(value * 1_000) / 10;
  if (rounded >= 100 && value < 1) return "99.9\u00a0%";
  if (rounded <= 0 && value > 0) return "0.1\u00a0%";
  return `${rounded}\u00a0%`;
}

const UNITS = [
  { name: "d", ms: 86_400_000 },
  { name: "h", ms: 3_600_000 },
  { name: "min", ms: 60_000 },
  { name: "s", ms: 1_000 },
] as const;

/** The two largest units: "2 min 5 s", "3 d 4 h". Whole seconds, rounded down; a duration is not negative. */
export function duration(ms: number): string {
  const largest = UNITS.findIndex((unit) => ms >= unit.ms);
  if (largest === -1) return "0 s";
  let rest = ms;
  const parts = UNITS.slice(largest, largest + 2).map((unit) => {
    const whole = Math.floor(rest / unit.ms);
    rest -= whole * unit.ms;
    return { whole, name: unit.name };
  });
  return parts
    .filter(({ whole }) => whole > 0)
    .map(({ whole, name }) => `${whole} ${name}`)
    .join(" ");
}

/** "just now", "12 min ago", "3 d ago": coarse, so that a list of many does not tick. */
export function ago(ms: number): string {
  const unit = UNITS.find((each) => ms >= each.ms);
  if (unit === undefined || unit.name === "s") return "just now";
  return `${Math.floor(ms / unit.ms)} ${unit.name} ago`;
}

/** "512 bytes", "40.0 KiB". */
export function bytes(size: number): string {
  if (size < 1_024) return counted(size, "byte");
  const inMiB = size >= 1_048_576;
  return `${(size / (inMiB ? 1_048_576 : 1_024)).toFixed(1)} ${inMiB ? "MiB" : "KiB"}`;
}
