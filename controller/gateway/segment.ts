/**
 * The network that a peer speaks from: machines that fall silent with their network say nothing about what they run.
 * Pure. No more than the network is kept, never the address of a machine.
 */
import { isIP } from "node:net";

/** IPv6 gives a site its /56 in most networks; IPv4 a subnet its /24. */
const IPV6_GROUPS = 8;

/** "192.0.2.0/24", "2001:db8:0:ff00::/56". Null where the address says nothing: none, or one of this machine. */
export function segmentOf(address: string): string | null {
  const plain = (address.split("%")[0] ?? "").replace(/^::ffff:(?=\d+\.)/i, "");
  if (isIP(plain) === 4) return plain.startsWith("127.") ? null : plain.replace(/\d+$/, "0/24");
  if (isIP(plain) !== 6) return null;
  const groups = groupsOf(plain);
  if (groups.slice(0, IPV6_GROUPS - 1).every((group) => group === 0)) return null; // ::1
  const [a = 0, b = 0, c = 0, d = 0] = groups;
  return `${[a, b, c, d & 0xff00].map((group) => group.toString(16)).join(":")}::/56`;
}

function groupsOf(address: string): readonly number[] {
  const [head = "", tail] = address.split("::");
  const parse = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
  const [before, after] = [parse(head), parse(tail ?? "")];
  const missing = Math.max(0, IPV6_GROUPS - before.length - after.length);
  return [...before, ...Array<number>(missing).fill(0), ...after];
}
