/**
 * The machine's proxy as WinHTTP knows it. What WinHTTP reads of a user's own settings is not asked for: this agent runs as
 * LocalSystem, who has none that anybody set.
 */
import { koffi } from "./koffi.ts";

const NAMED_PROXY = 3;
const NO_PROXY = 1;
const AUTO_DETECT = 1;
const BY_DHCP_AND_DNS = 1 | 2;

interface ProxyInfo {
  readonly accessType: number;
  readonly proxy: unknown;
  readonly bypass: unknown;
}
/** Strings as WinHTTP has them; null where there is none. */
export interface ProxySetting {
  readonly proxies: string;
  readonly bypass: string;
}

// WINHTTP_PROXY_INFO and WINHTTP_AUTOPROXY_OPTIONS of winhttp.h; pointers are 8 bytes on x64 and arm64.
const Info = koffi.struct({ accessType: "uint32_t", proxy: "void *", bypass: "void *" });
const AutoOptions = koffi.struct({
  flags: "uint32_t",
  detectFlags: "uint32_t",
  configUrl: "str16",
  reserved: "void *",
  reservedNumber: "uint32_t",
  autoLogon: "int32_t",
});

const winhttp = koffi.load("winhttp.dll");
const kernel32 = koffi.load("kernel32.dll");
const getDefault = winhttp.func("WinHttpGetDefaultProxyConfiguration", "int32_t", [koffi.out(koffi.pointer(Info))]) as (
  info: object,
) => number;
const openSession = winhttp.func("WinHttpOpen", "void *", ["str16", "uint32_t", "str16", "str16", "uint32_t"]) as (
  name: string,
  accessType: number,
  proxy: null,
  bypass: null,
  flags: number,
) => unknown;
const closeHandle = winhttp.func("WinHttpCloseHandle", "int32_t", ["void *"]) as (handle: unknown) => number;
const proxyForUrl = winhttp.func("WinHttpGetProxyForUrl", "int32_t", [
  "void *",
  "str16",
  koffi.pointer(AutoOptions),
  koffi.out(koffi.pointer(Info)),
]);
const globalFree = kernel32.func("GlobalFree", "void *", ["void *"]) as (memory: unknown) => unknown;

/** As `netsh winhttp set proxy` or a policy set it. Undefined: the machine is set to no proxy, or cannot say. */
export function machineProxy(): ProxySetting | undefined {
  const info = {};
  return getDefault(info) === 0 ? undefined : taken(info as ProxyInfo);
}

/**
 * What the network says by WPAD (DHCP, then DNS) for this address. Takes seconds; the thread that waits is not Node's own.
 * The script runs in Windows' own service, and no password is given to whoever asks for one.
 */
export function discoveredProxy(url: string): Promise<ProxySetting | undefined> {
  const session = openSession("Ringback", NO_PROXY, null, null, 0);
  if (session === null) return Promise.resolve(undefined);
  const options = {
    flags: AUTO_DETECT,
    detectFlags: BY_DHCP_AND_DNS,
    configUrl: null,
    reserved: null,
    reservedNumber: 0,
    autoLogon: 0,
  };
  const info = {};
  return new Promise((resolve) => {
    proxyForUrl.async(session, url, options, info, (error: unknown, found: number) => {
      closeHandle(session);
      resolve(error !== null || found === 0 ? undefined : taken(info as ProxyInfo));
    });
  });
}

/** Copies what WinHTTP allocated, and gives it back. */
function taken({ accessType, proxy, bypass }: ProxyInfo): ProxySetting | undefined {
  const [proxies, hosts] = [proxy, bypass].map((text) => {
    if (text === null) return "";
    const copy = koffi.decode(text, "char16_t", -1) as string;
    globalFree(text);
    return copy;
  });
  if (accessType !== NAMED_PROXY || proxies === undefined || proxies === "") return undefined;
  return { proxies, bypass: hosts ?? "" };
}
