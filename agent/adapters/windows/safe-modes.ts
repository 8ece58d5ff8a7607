/**
 * One start in safe mode: a boot entry of our own, copied from the one that runs, chosen once by the boot manager. What this
 * Windows is started from otherwise is never changed, so the start after it is normal whoever does or does not run.
 *
 * Every act can be repeated: the entry is known by its description, and a half-made one of an earlier try is completed or
 * removed. What bcdedit says counts for nothing; the configuration is read back. BitLocker is never suspended:
 * `safeboot` is not among what it validates by default, and where a policy adds it, safe mode is forbidden here instead.
 *
 * That the boot manager takes `bootsequence` once is documented, and never shown under Wine: rehearse it.
 */
import type { SafeMode, SafeModes } from "../../machine-parts.ts";
import type { Result } from "../../ports.ts";
import { type BootEntries, saidBy } from "./boot-entries.ts";
import { fault } from "./fault.ts";
import { type BootEntry, onlyValue } from "./tools/bcdedit-output.ts";

/** How our entry is known. Never changed: an older agent's entry must be found by a newer one. */
const DESCRIPTION = "Ringback: one start in safe mode";

interface Seen {
  readonly manager: BootEntry;
  readonly ours: readonly BootEntry[];
}

/** @param forbiddenBecause see safe-mode-forbidden.ts */
export function safeModes(entries: BootEntries, forbiddenBecause: () => Promise<string | undefined>): SafeModes {
  const look = async (): Promise<Result<Seen>> => {
    const manager = await entries.manager();
    if (manager.kind === "fault") return manager;
    const loaders = await entries.loaders();
    if (loaders.kind === "fault") return loaders;
    const ours = loaders.value.filter((entry) => onlyValue(entry, "description") === DESCRIPTION);
    return { kind: "ok", value: { manager: manager.value, ours } };
  };

  /** Makes `isSo` true by a change, if it is not, and says why it is not if it is not then. */
  const make = async (
    before: Seen,
    what: string,
    args: readonly string[],
    isSo: (seen: Seen) => boolean,
  ): Promise<Result<Seen>> => {
    if (isSo(before)) return { kind: "ok", value: before };
    const changed = await entries.change(args);
    if (changed.kind === "fault") return changed;
    const after = await look();
    if (after.kind === "fault" || isSo(after.value)) return after;
    const { exitCode } = changed.value;
    const said = `bcdedit ended with ${exitCode}${saidBy(changed.value)}`;
    return exitCode === 0
      ? fault("verify-failed", `${what}: it is not so afterwards. ${said}. Something on this machine undoes it`)
      : fault("permission-denied", `${what} was refused. ${said}. Defender's rule against safe mode may forbid it`);
  };

  const clear = async (): Promise<Result<void>> => {
    let seen = await look();
    while (seen.kind === "ok") {
      const { manager, ours } = seen.value;
      const [entry] = ours;
      if (entry === undefined) return { kind: "ok", value: undefined };
      const { id } = entry;
      if (isNamed(manager, "default", id))
        return fault("unexpected", `the entry for one safe start, ${id}, is this machine's default: it is left alone`);
      const unchosen = await make(
        seen.value,
        `taking ${id} out of the boot sequence`,
        ["/bootsequence", id, "/remove"],
        (now) => !isNamed(now.manager, "bootsequence", id),
      );
      if (unchosen.kind === "fault") return unchosen;
      seen = await make(
        unchosen.value,
        `removing ${id}`,
        ["/delete", id, "/f"],
        (now) => !now.ours.some((each) => each.id === id),
      );
    }
    return seen;
  };

  /** One entry of our own, in no menu. */
  const ourEntry = async (seen: Seen): Promise<Result<{ readonly id: string; readonly seen: Seen }>> => {
    const copied = await make(
      seen,
      "adding a boot entry for one safe start",
      ["/copy", "{current}", "/d", DESCRIPTION],
      ({ ours }) => ours.length > 0,
    );
    if (copied.kind === "fault") return copied;
    const [entry, ...more] = copied.value.ours;
    if (entry === undefined || more.length > 0)
      return fault("unexpected", `there are ${copied.value.ours.length} boot entries for one safe start`);
    const { id } = entry;
    if (entry.elements.has("safebootalternateshell"))
      return fault("unexpected", "this Windows is set to start safe mode with another shell: that is left to a person");
    if (isNamed(copied.value.manager, "default", id))
      return fault("unexpected", `the entry for one safe start, ${id}, is this machine's default: it is left alone`);
    // A second line in the boot menu would hold every start up until somebody chooses.
    const hidden = await make(
      copied.value,
      `taking ${id} out of the boot menu`,
      ["/displayorder", id, "/remove"],
      (now) => !isNamed(now.manager, "displayorder", id),
    );
    return hidden.kind === "fault" ? hidden : { kind: "ok", value: { id, seen: hidden.value } };
  };

  const choose = async (before: Seen, mode: SafeMode): Promise<Result<void>> => {
    const entry = await ourEntry(before);
    if (entry.kind === "fault") return entry;
    const { id, seen } = entry.value;
    const set = await make(seen, `setting safe mode on ${id}`, ["/set", id, "safeboot", mode], ({ ours }) =>
      ours.some((each) => each.id === id && modeOf(each) === mode),
    );
    if (set.kind === "fault") return set;
    const chosen = await make(
      set.value,
      `choosing ${id} for the next start`,
      ["/bootsequence", id],
      (now) => nextMode(now) === mode,
    );
    return chosen.kind === "fault" ? chosen : { kind: "ok", value: undefined };
  };

  return {
    forbiddenBecause,
    async next() {
      const seen = await look();
      if (seen.kind === "fault") return seen;
      return { kind: "ok", value: nextMode(seen.value) };
    },
    async setOnce(mode) {
      const forbidden = await forbiddenBecause();
      if (forbidden !== undefined) return fault("permission-denied", forbidden);
      let before = await look();
      if (before.kind === "ok" && before.value.ours.length > 1) {
        const cleared = await clear();
        if (cleared.kind === "fault") return cleared;
        before = await look();
      }
      if (before.kind === "fault") return before;
      const { manager, ours } = before.value;
      const foreign = sequenceOf(manager).filter((id) => !ours.some((entry) => entry.id === id));
      if (foreign.length === 0) return choose(before.value, mode);
      const because = `another program has chosen what starts next: ${foreign.join(", ")}; nothing was changed`;
      return fault("unexpected", because);
    },
    clear,
    async hasLedHere() {
      const current = await entries.current();
      if (current.kind === "fault") return current;
      const seen = await look();
      if (seen.kind === "fault") return seen;
      return { kind: "ok", value: seen.value.ours.some(({ id }) => id === current.value.id) };
    },
  };
}

const sequenceOf = (manager: BootEntry): readonly string[] =>
  (manager.elements.get("bootsequence") ?? []).map((id) => id.toLowerCase());

const isNamed = (manager: BootEntry, element: string, id: string): boolean =>
  (manager.elements.get(element) ?? []).some((value) => value.toLowerCase() === id);

function modeOf(entry: BootEntry): SafeMode | undefined {
  const value = onlyValue(entry, "safeboot")?.toLowerCase();
  return value === "minimal" || value === "network" ? value : undefined;
}

/** Ours alone counts: what another program has chosen is not known to be a safe mode. */
function nextMode({ manager, ours }: Seen): SafeMode | undefined {
  const [id, ...more] = sequenceOf(manager);
  const entry = ours.find((each) => each.id === id);
  return entry === undefined || more.length > 0 ? undefined : modeOf(entry);
}
