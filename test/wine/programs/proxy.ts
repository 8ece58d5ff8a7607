/** Sets the machine's proxy through WinHTTP as it is told, and prints what the agent then finds: JSON in, JSON out. */
import { koffi } from "../../../agent/adapters/windows/native/koffi.ts";
import * as winhttp from "../../../agent/adapters/windows/native/winhttp.ts";
import { systemProxyOf } from "../../../agent/adapters/windows/system-proxy.ts";

interface Case {
  /** Null: set to no proxy. */
  readonly proxies: string | null;
  readonly bypass: string | null;
  readonly host: string;
}

const Info = koffi.struct({ accessType: "uint32_t", proxy: "str16", bypass: "str16" });
const setDefault = koffi
  .load("winhttp.dll")
  .func("WinHttpSetDefaultProxyConfiguration", "int32_t", [koffi.pointer(Info)]) as (info: object) => number;

const system = systemProxyOf(
  () => Promise.resolve(winhttp),
  () => performance.now(),
);
const found = [];
for (const { proxies, bypass, host } of JSON.parse(process.argv[2] ?? "[]") as Case[]) {
  const set = setDefault({ accessType: proxies === null ? 1 : 3, proxy: proxies, bypass });
  if (set === 0) throw new Error("WinHTTP took no proxy");
  found.push({ host, raw: winhttp.machineProxy() ?? null, named: await system.named(host, 443) });
}
const discovered = await system.discovered("controller.example", 443);
process.stdout.write(`${JSON.stringify({ found, discovered })}\n`);
