/** Points in time as people read them: local, with the date when it is not today, and always UTC beside it. */
const pad = (value: number): string => String(value).padStart(2, "0");

/** "14:02:11". */
export function clockTime(instant: number): string {
  const date = new Date(instant);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

/** "2026-11-22". */
export function localDate(instant: number): string {
  const date = new Date(instant);
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

export const isSameDay = (a: number, b: number): boolean => localDate(a) === localDate(b);

/** For a tooltip: "2026-11-22 14:02:11 local time (Europe/London), 2026-11-22 14:02:11 UTC". */
export function fullTime(instant: number): string {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const utc = new Date(instant).toISOString().replace("T", " ").slice(0, 19);
  return `${localDate(instant)} ${clockTime(instant)} local time (${zone}), ${utc} UTC`;
}
