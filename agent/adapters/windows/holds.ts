/**
 * Keeps a content source from getting new contents, in the way that its data names: values of the registry, or a service.
 *
 * What stood there before is on the disk before anything is changed, so it comes back after any cut of the power. A second
 * hold of the same source never takes our own settings for what was there before. Whatever somebody else has set since then
 * stays: it is not ours to put back.
 */
import { z } from "zod";
import type { ContentSourceId } from "../../../protocol/content.ts";
import type { ContentSource } from "../../../protocol/content-source.ts";
import { ServiceStart } from "../../../protocol/playbook.ts";
import { RegistryKey, RegistryValue, RegistryValueName } from "../../../protocol/registry.ts";
import type { Registry } from "../../machine-parts.ts";
import type { Fault, Machine, Result } from "../../ports.ts";

type HoldBy = NonNullable<ContentSource["hold"]>;
type ByRegistry = Extract<HoldBy, { kind: "registry" }>;
type ByService = Extract<HoldBy, { kind: "service" }>;

/** What stood there before, for each source that is held here. */
export const HeldBefore = z.record(
  z.string(),
  z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("registry"),
      values: z.array(
        z.strictObject({
          key: RegistryKey,
          name: RegistryValueName,
          set: RegistryValue,
          before: RegistryValue.nullable(),
        }),
      ),
    }),
    z.strictObject({
      kind: z.literal("service"),
      service: z.string(),
      start: ServiceStart,
      ran: z.boolean(),
      /** What needs it and ran: Windows stops it with it. Of holds of before, nobody knows. */
      others: z.array(z.string()).default([]),
    }),
  ]),
);
type AllBefore = z.infer<typeof HeldBefore>;
type Before = AllBefore[string];

/** What holding needs of the machine. */
export interface HoldParts {
  readonly registry: Registry;
  readonly services: Pick<Machine, "services" | "serviceStart" | "setServiceStart"> & {
    dependents(name: string): Promise<Result<readonly string[]>>;
    stop(name: string): Promise<Result<void>>;
    start(name: string): Promise<Result<void>>;
  };
  /** Undefined: there is no such source here. */
  readonly source: (id: ContentSourceId) => Promise<ContentSource | undefined>;
  readonly memory: {
    read(): Promise<AllBefore>;
    /** Resolves when it is on the disk, whole. */
    write(before: AllBefore): Promise<void>;
  };
}

export type Holds = Pick<Machine, "hold" | "releaseHold" | "isHeld">;

/** Rejects where the memory cannot be read or written; nothing was changed then. */
export function windowsHolds(parts: HoldParts): Holds {
  const { memory } = parts;
  return {
    async hold(source) {
      const by = await holdBy(parts, source);
      if ("fault" in by) return by;
      const all = await memory.read();
      const before = all[source] ?? (await look(parts, by, Object.values(all)));
      if ("fault" in before) return before;
      if (all[source] === undefined) await memory.write({ ...all, [source]: before });
      return impose(parts, before);
    },

    async releaseHold(source) {
      const { [source]: before, ...others } = await memory.read();
      if (before === undefined) return OK;
      const released = await giveBack(parts, before, Object.values(others));
      if (released.kind === "ok") await memory.write(others);
      return released;
    },

    async isHeld(source) {
      const { [source]: before } = await memory.read();
      return before === undefined ? { kind: "ok", value: false } : isImposed(parts, before);
    },
  };
}

const OK: Result<void> = { kind: "ok", value: undefined };
const notPossible = (because: string): Fault => ({ kind: "fault", fault: "unexpected", because });

async function holdBy(parts: HoldParts, id: ContentSourceId): Promise<ByRegistry | ByService | Fault> {
  const source = await parts.source(id);
  if (source === undefined) return notPossible(`this machine knows no content source ${id}, so it cannot hold it`);
  const { hold, title } = source;
  if (hold === undefined) return notPossible(`nothing is known that holds ${title} back on a machine`);
  if (hold.kind === "vendor")
    return notPossible(`no agent can hold ${title} back, only its vendor's means: ${hold.how}`);
  return hold;
}

/** What another hold found there is what was there before: ours must not take its settings for that. */
async function look(
  { registry, services }: HoldParts,
  by: ByRegistry | ByService,
  others: readonly Before[],
): Promise<Before | Fault> {
  if (by.kind === "service") {
    const other = others.find((each) => holdsService(each, by.service));
    if (other !== undefined) return other;
    const start = await services.serviceStart(by.service);
    if (start.kind === "fault") return start;
    if (start.value === undefined) return notPossible(`there is no service ${by.service} here that could be stopped`);
    const [state] = await services.services([by.service]);
    const dependents = await services.dependents(by.service);
    if (dependents.kind === "fault") return dependents;
    const ran = state?.running === true;
    return { kind: "service", service: by.service, start: start.value, ran, others: [...dependents.value] };
  }
  const values: Extract<Before, { kind: "registry" }>["values"] = [];
  for (const { key, name, value } of by.values) {
    const other = others.flatMap((each) => valueIn(each, key, name) ?? [])[0];
    if (other !== undefined) {
      values.push({ ...other, set: value });
      continue;
    }
    const before = await registry.read(key, name);
    if (before.kind === "fault") return before;
    values.push({ key, name, set: value, before: before.value ?? null });
  }
  return { kind: "registry", values };
}

async function impose({ registry, services }: HoldParts, before: Before): Promise<Result<void>> {
  if (before.kind === "service") {
    const disabled = await services.setServiceStart(before.service, "disabled");
    return disabled.kind === "fault" ? disabled : services.stop(before.service);
  }
  for (const { key, name, set } of before.values) {
    const written = await registry.write(key, name, set);
    if (written.kind === "fault") return written;
  }
  return OK;
}

/** What another hold needs stays as it is, until that one is released. */
async function giveBack(
  { registry, services }: HoldParts,
  held: Before,
  others: readonly Before[],
): Promise<Result<void>> {
  if (held.kind === "service") {
    if (others.some((each) => holdsService(each, held.service))) return OK;
    const now = await services.serviceStart(held.service);
    if (now.kind === "fault") return now;
    if (now.value !== "disabled" && now.value !== held.start) return OK; // gone, or set by somebody else
    const set = now.value === held.start ? OK : await services.setServiceStart(held.service, held.start);
    if (set.kind === "fault" || held.start === "disabled") return set;
    for (const name of [...(held.ran ? [held.service] : []), ...held.others.toReversed()]) {
      const started = await services.start(name);
      if (started.kind === "fault" && started.fault !== "not-found") return started;
    }
    return OK;
  }
  for (const { key, name, set, before } of held.values.toReversed()) {
    if (others.some((each) => valueIn(each, key, name) !== undefined)) continue;
    const now = await registry.read(key, name);
    if (now.kind === "fault") return now;
    if (!isSame(now.value, set)) continue;
    const back = await (before === null ? registry.remove(key, name) : registry.write(key, name, before));
    if (back.kind === "fault") return back;
  }
  return OK;
}

async function isImposed({ registry, services }: HoldParts, held: Before): Promise<Result<boolean>> {
  if (held.kind === "service") {
    const now = await services.serviceStart(held.service);
    if (now.kind === "fault") return now;
    const [state] = await services.services([held.service]);
    return { kind: "ok", value: now.value === "disabled" && state?.running !== true };
  }
  for (const { key, name, set } of held.values) {
    const now = await registry.read(key, name);
    if (now.kind === "fault") return now;
    if (!isSame(now.value, set)) return { kind: "ok", value: false };
  }
  return { kind: "ok", value: true };
}

const isNamed = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
const holdsService = (held: Before, service: string): boolean =>
  held.kind === "service" && isNamed(held.service, service);
const valueIn = (held: Before, key: string, name: string) =>
  held.kind === "registry" ? held.values.find((each) => isNamed(each.key, key) && isNamed(each.name, name)) : undefined;

/** Both were parsed by the same schema, which orders their fields. */
const isSame = (a: RegistryValue | undefined, b: RegistryValue): boolean => JSON.stringify(a) === JSON.stringify(b);
