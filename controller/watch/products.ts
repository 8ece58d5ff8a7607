/** Which content source the driver belongs to that a crash dump points at. Where nothing is known, nothing is said. Pure. */
import type { ContentSourceId } from "../../protocol/content.ts";

/** Drivers of products whose sources begin otherwise than their drivers. From the vendors' documentation. */
const VENDORS: readonly (readonly [driver: RegExp, vendor: string])[] = [
  [/^cs(?:agent|boot|devicecontrol|firmwareanalysis)\.sys$/, "crowdstrike"],
  [/^(?:wd(?:filter|boot|nisdrv|devflt)|mp(?:filter|ksl\w*))\.sys$/, "defender"],
  [/^(?:sav|soph|hmpalert|sed)\w*\.sys$/, "sophos"],
  [/^(?:sym|srtsp|sysplant|bhdrv|idsv|eraser|cchw)\w*\.sys$/, "symantec"],
  [/^(?:tm|tbimdsa|vsapi)\w*\.sys$/, "trend-micro"],
];
/** A vendor's name in fewer letters would begin half of all drivers. */
const NAME_MIN = 4;

/** @param driver as the dump names it, with or without its folder */
export function pointsAt(driver: string, source: ContentSourceId): boolean {
  const file = (driver.split(/[\\/]/).at(-1) ?? "").toLowerCase();
  const vendor = source.split(".")[0] ?? "";
  if (VENDORS.some(([pattern, name]) => name === vendor && pattern.test(file))) return true;
  return vendor.length >= NAME_MIN && file.startsWith(vendor);
}
