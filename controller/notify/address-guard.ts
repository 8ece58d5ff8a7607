/**
 * Where the controller may send: what a person types in as an address must not let it knock at doors behind the firewall.
 *
 * Invariant: the address that is looked at is the address that is connected to, so that a name that changes its meaning in
 * between gains nothing.
 */
import { lookup as dnsLookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

class AddressRefused extends Error {
  override readonly name = "AddressRefused";
}

/** Not reachable from everywhere, or not one machine: IANA's special-purpose registries (RFC 6890 and later). */
const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const)
  PRIVATE.addSubnet(network, prefix, "ipv4");
/** Of IPv6 only what is given out for everywhere (2000::/3) is public, and of that not what leads back to IPv4 or nowhere. */
const PUBLIC_V6 = new BlockList();
PUBLIC_V6.addSubnet("2000::", 3, "ipv6");
const NOT_PUBLIC_V6 = new BlockList();
for (const [network, prefix] of [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const)
  NOT_PUBLIC_V6.addSubnet(network, prefix, "ipv6");

export function isPublic(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !PRIVATE.check(address, "ipv4");
  return family === 6 && PUBLIC_V6.check(address, "ipv6") && !NOT_PUBLIC_V6.check(address, "ipv6");
}

const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || host.startsWith("127.");
const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, "");

/** Why nothing may be sent there; undefined if it may. @param allowsPrivate the administrator's word, at the start */
export function faultOfUrl(url: URL, allowsPrivate: boolean): string | undefined {
  const host = hostOf(url);
  if (url.username !== "" || url.password !== "") return "must hold no name and no password";
  if (url.protocol === "http:" && !(allowsPrivate && isLoopback(host))) return "must begin with https://";
  if (url.protocol !== "https:" && url.protocol !== "http:") return "must begin with https://";
  if (allowsPrivate) return undefined;
  if (isLoopback(host) || (isIP(host) !== 0 && !isPublic(host)))
    return "leads to a private address; the controller sends there only if it was started with --allow-private-webhooks";
  return undefined;
}

/** For `https.request`: names are looked up here, and what they mean is looked at before anything is connected. */
export const guardedLookup =
  (allowsPrivate: boolean): LookupFunction =>
  (hostname, options, call) => {
    dnsLookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return call(error, "", 0);
      const [first] = addresses;
      const refused = allowsPrivate ? undefined : addresses.find(({ address }) => !isPublic(address));
      if (refused !== undefined || first === undefined)
        return call(new AddressRefused(`${hostname} leads to a private address; nothing was sent.`), "", 0);
      return options.all === true ? call(null, addresses) : call(null, first.address, first.family);
    });
  };
