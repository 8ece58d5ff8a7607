/**
 * Which devices a fleet of a given size has, and where they stand: the n-th device is always the same one.
 *
 * Like a country's health service: two hundred machines a site on average, a few sites with thousands of them, and
 * most machines workstations. Ids do not sort in the order of n, because nobody registers machines in that order.
 */
import type { PlacedDevice } from "../../../controller/rollout/types.ts";
import type { DeviceId, EpochId, OrderId } from "../../../protocol/ids.ts";
import { Role, Site } from "../../../protocol/names.ts";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
/** The time and most of the random part of an id; what follows are six characters that differ. */
const ID_START = "01kafxq7m00000000000";
const DEVICES_A_SITE = 200;
/** Out of a hundred devices. */
const ROLE_SHARES: readonly (readonly [Role, number])[] = [
  [Role.parse("workstation"), 70],
  [Role.parse("clinical"), 12],
  [Role.parse("till"), 8],
  [Role.parse("file-server"), 5],
  [Role.parse("kiosk"), 3],
  [Role.parse("domain-controller"), 2],
];
const ROLES = ROLE_SHARES.flatMap(([role, count]) => Array.from({ length: count }, () => role));

/** The same number for the same n, spread over 30 bits without a collision. */
export const scattered = (n: number): number => (Math.imul(n + 1, 0x2c9277b5) & 0x3fff_ffff) >>> 0;

function body(n: number): string {
  const bits = scattered(n);
  let end = "";
  for (let shift = 25; shift >= 0; shift -= 5) end += ALPHABET[(bits >>> shift) & 31];
  return ID_START + end;
}
// Parsing each id would take longer than what is measured with it; a test of the bench parses some.
export const deviceId = (n: number): DeviceId => `dev_${body(n)}` as DeviceId;
export const epochId = (n: number): EpochId => `epoch_${body(n)}` as EpochId;
export const orderId = (n: number): OrderId => `order_${body(n)}` as OrderId;

/** All n of a fleet in the order of their devices' ids, as a store reads them out. */
export const inOrderOfIds = (size: number): Uint32Array =>
  Uint32Array.from({ length: size }, (_, n) => n).sort((a, b) => scattered(a) - scattered(b));

const sites: Site[] = [];
function siteAt(number: number): Site {
  return (sites[number] ??= Site.parse(`Practice ${String(number).padStart(5, "0")}`));
}

/** Place n of a fleet of `size` devices. Site numbers are drawn so that low ones are large. */
export function placed(n: number, size: number): PlacedDevice {
  const sitesOfFleet = Math.max(1, Math.ceil(size / DEVICES_A_SITE));
  const drawn = (scattered(n + 7) % 65_536) / 65_536;
  const role = ROLES[scattered(n + 13) % ROLES.length] as Role; // the remainder is below the length
  return { id: deviceId(n), site: siteAt(Math.floor(sitesOfFleet * drawn ** 1.5)), role };
}
