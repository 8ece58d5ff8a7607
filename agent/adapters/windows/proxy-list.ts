/**
 * Lists of proxies and of hosts without one, as WinHTTP writes them. Pure.
 *
 * `([<scheme>=][<scheme>"://"]<server>[":"<port>])`, parted by semicolons or blanks, as Microsoft documents it for
 * WINHTTP_PROXY_INFO.
 */
import type { Proxy } from "../proxy/tunnel.ts";

const ENTRY =
  /^(?:(?<use>[a-z]+)=)?(?:(?<scheme>[a-z]+):\/\/)?(?<host>\[[\da-f:.]+\]|[^:/[\]=]+)(?::(?<port>\d{1,5}))?\/?$/i;
/** WinHTTP's own, where none is named. */
const PORT = 80;

const entriesOf = (list: string): readonly string[] => list.split(/[;\s]+/).filter((entry) => entry !== "");

/** Proxies for TLS connections, in the order in which they are to be tried. Others (for http only, socks) are left out. */
export function proxiesOf(list: string): readonly Proxy[] {
  return entriesOf(list).flatMap((entry) => {
    const { use, scheme, host, port } = ENTRY.exec(entry)?.groups ?? {};
    const isForTls = use === undefined || use.toLowerCase() === "https";
    const isPlain = scheme === undefined || scheme.toLowerCase() === "http";
    if (host === undefined || !isForTls || !isPlain) return [];
    return [{ host: host.replace(/^\[(.*)\]$/, "$1"), port: port === undefined ? PORT : Number(port) }];
  });
}

/** Entries as `isBypassed` takes them: without a scheme or port, which say nothing about which host is meant. */
export const bypassOf = (list: string): readonly string[] =>
  entriesOf(list).map((entry) => {
    const host = entry.replace(/^[a-z]+:\/\//i, "");
    return /^[^:]*:\d+$|\]:\d+$/.test(host) ? host.replace(/:\d+$/, "") : host;
  });
