/**
 * Shares of a number of devices, without floating-point surprises.
 *
 * 0.29 * 100 is 28.999999999999996, but 29 / 100 is the same double as 0.29: a division of two whole numbers is rounded
 * once, to the double that the decimal was read as. So every share here is decided by dividing, never by multiplying,
 * and "at most 10 %" of 30 is 3 whatever the machine does with 0.1.
 */

/** The least number of devices that is `share` of `total`: for a minimum. */
export function shareRoundedUp(share: number, total: number): number {
  let count = Math.min(total, Math.max(0, Math.ceil(share * total)));
  while (count > 0 && (count - 1) / total >= share) count -= 1;
  while (count < total && count / total < share) count += 1;
  return count;
}

/** The greatest number of devices that is no more than `share` of `total`: for a maximum. */
export function shareRoundedDown(share: number, total: number): number {
  if (total <= 0) return 0;
  let count = Math.min(total, Math.max(0, Math.floor(share * total)));
  while (count < total && (count + 1) / total <= share) count += 1;
  while (count > 0 && count / total > share) count -= 1;
  return count;
}

/** "66.7 %". Rounded for people, and never rounded up to "100 %" or down to "0 %" when it is neither. */
export function percent(share: number): string {
  const rounded = Math.round(share * 1_000) / 10;
  if (rounded >= 100 && share < 1) return "99.9 %";
  if (rounded <= 0 && share > 0) return "0.1 %";
  return `${rounded} %`;
}
