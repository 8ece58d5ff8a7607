/** The registry of a machine under Wine, read through reg.exe: to show what tools really changed. It writes nothing. */
import { execFileSync } from "node:child_process";
import type { Registry } from "../../agent/machine-parts.ts";
import type { RegistryKey, RegistryValue } from "../../protocol/registry.ts";

const never = (): Promise<never> => Promise.reject(new Error("nothing is written here"));

export const regExeRegistry: Registry = {
  read: async (key, name) => ({ kind: "ok", value: valueOf(key, name) }),
  write: never,
  remove: never,
};

function valueOf(key: RegistryKey, name: string): RegistryValue | undefined {
  let output: string;
  try {
    output = execFileSync("C:\\windows\\system32\\reg.exe", ["query", key, "/v", name], { stdio: "pipe" }).toString();
  } catch {
    return undefined; // no such key or value
  }
  const [, kind, text = ""] = / {4}(REG_\w+) {4}(.*?)\r?$/m.exec(output) ?? [];
  if (kind === "REG_SZ") return { kind: "string", text };
  return kind === "REG_DWORD" ? { kind: "dword", number: Number(text) } : undefined;
}
