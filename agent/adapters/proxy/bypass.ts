/**
 * Which hosts are reached without the proxy. Pure, and the same for a list in the agent's settings and for one of Windows.
 *
 * Nothing is looked up: a name is compared as a name and an address as an address, so a list of networks says nothing of
 * names.
 */
import { BlockList, isIP } from "node:net";

const unbracketed = (host: string): string => host.replace(/^\[(.*)\]$/, "$1").toLowerCase();

export function isBypassed(host: string, entries: readonly string[]): boolean {
  const name = unbracketed(host);
  return entries.some((entry) => matches(name, entry.trim().toLowerCase()));
}

function matches(name: string, entry: string): boolean {
  if (entry === "<local>") return isIP(name) === 0 && !name.includes(".");
  const [address = "", prefix] = entry.split("/", 2);
  if (prefix !== undefined) return isWithin(name, unbracketed(address), Number(prefix));
  const bare = unbracketed(entry);
  if (isIP(bare) !== 0) return isWithin(name, bare, isIP(bare) === 6 ? 128 : 32);
  // As in Windows, * stands for anything, and both *.example.org and .example.org mean what lies under the name.
  const pattern = (bare.startsWith(".") ? `*${bare}` : bare).replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(name);
}

/** Compared as numbers: ::1 is 0:0:0:0:0:0:0:1. */
function isWithin(name: string, address: string, prefix: number): boolean {
  const family = isIP(address);
  if (family === 0 || isIP(name) !== family || !(prefix >= 0 && prefix <= (family === 6 ? 128 : 32))) return false;
  const type = family === 6 ? "ipv6" : "ipv4";
  const network = new BlockList();
  network.addSubnet(address, prefix, type);
  return network.check(name, type);
}
