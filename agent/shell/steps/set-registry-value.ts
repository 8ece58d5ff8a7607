/** Sets or removes one value of the registry. What stood there, or that nothing did, is remembered with the promise. */
import { canonicalJson } from "../../../protocol/canonical.ts";
import type { RegistryValue } from "../../../protocol/registry.ts";
import { fault, OK, type StepPerformer } from "./step.ts";

export const setRegistryValue: StepPerformer<"set-registry-value"> = {
  async check({ key, name, value }, { machine, memo }) {
    const now = await machine.registry.read(key, name);
    if (now.kind === "fault") return now;
    if (!same(now.value, value)) return { kind: "work", memo: { kind: "registry-value", was: now.value ?? null } };
    return memo.kind === "registry-value"
      ? { kind: "satisfied", files: [] }
      : { kind: "nothing-to-do", because: `${placeOf(key, name)} is so already` };
  },

  async apply({ key, name, value }, { machine: { registry } }) {
    const set = await (value === null ? registry.remove(key, name) : registry.write(key, name, value));
    return set.kind === "fault" ? set : { kind: "applied" };
  },

  async verify({ key, name, value }, { machine }) {
    const now = await machine.registry.read(key, name);
    if (now.kind === "fault") return now;
    return same(now.value, value)
      ? { kind: "ok", value: [] }
      : fault("verify-failed", `${placeOf(key, name)} is not what was set: something sets it again`);
  },

  async undo({ key, name, value }, { machine: { registry }, memo }) {
    if (memo.kind !== "registry-value") return OK;
    const now = await registry.read(key, name);
    if (now.kind === "fault") return now;
    if (same(now.value, memo.was)) return OK;
    if (!same(now.value, value))
      return fault("file-changed", `somebody else has set ${placeOf(key, name)} since; it is left as it is`);
    return memo.was === null ? registry.remove(key, name) : registry.write(key, name, memo.was);
  },
};

const same = (a: RegistryValue | null | undefined, b: RegistryValue | null): boolean =>
  canonicalJson(a ?? null) === canonicalJson(b);
const placeOf = (key: string, name: string): string => `${key}\\${name === "" ? "(default)" : name}`;
