/**
 * One side of a race over a folder, in a process of its own. `attack` renames `one` and `other` into each other's places,
 * over and over, until a file named `stop` stands beside them. The guard's side begins after the first swap: it looks
 * (`look`; `look-blind` does without its eyes, to see the attack), or takes and puts back (`take`), so often as it is told,
 * and says what it met.
 */
import { existsSync, writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { windowsFiles } from "../../../agent/adapters/windows/machine-files.ts";
import { koffi } from "../../../agent/adapters/windows/native/koffi.ts";
import { ntdllFiles } from "../../../agent/adapters/windows/native/ntdll-files.ts";
import type { Nt } from "../../../agent/adapters/windows/nt.ts";
import { INFORMATION } from "../../../agent/adapters/windows/nt-layouts.ts";
import { newId } from "../../../protocol/ids.ts";
import { at } from "../../../protocol/time.ts";
import { WindowsGlob } from "../../../protocol/windows-path.ts";

/** Never replaces what stands there; false if it could not. */
const moveFile = koffi.load("kernel32.dll").func("bool __stdcall MoveFileW(str16 from, str16 to)") as (
  from: string,
  to: string,
) => boolean;

const [, , side = "", folder = "", ...rest] = process.argv;

const RESTS = 12;
/** Asks so often, plus once, whether the race is over. */
function isOn(times: number): boolean {
  for (let i = 0; i < times; i++) existsSync(`${folder}\\state`);
  return !existsSync(`${folder}\\stop`);
}

function attack(one: string, other: string): number {
  let swaps = 0;
  // Rests of all lengths, so that every moment of the guard's side meets a swap.
  for (let rest = 0; isOn(rest); rest = (rest + 1) % RESTS) {
    // Each goes on wherever the last one stopped: the guard's side holds on to a name now and then.
    moveFile(`${folder}\\${one}`, `${folder}\\away`);
    moveFile(`${folder}\\${other}`, `${folder}\\${one}`);
    if (moveFile(`${folder}\\away`, `${folder}\\${other}`) && ++swaps === 1) writeFileSync(`${folder}\\attacked`, "");
  }
  for (const name of [one, other]) moveFile(`${folder}\\away`, `${folder}\\${name}`);
  return swaps;
}

const tally = new Map<string, number>();
const count = (what: string): void => {
  tally.set(what, (tally.get(what) ?? 0) + 1);
};

/** @param wanted the digest that may be read; every other is an escape */
async function look(nt: Nt, glob: WindowsGlob, wanted: string, times: number): Promise<void> {
  const machine = windowsFiles({ stateFolder: `${folder}\\state`, nt });
  for (let i = 0; i < times; i++) {
    const found = await machine.files(glob);
    if (found.kind === "fault") count(found.fault);
    else if (found.value.length === 0) count("nothing there");
    else for (const { sha256 } of found.value) count(sha256 === wanted ? "the file meant" : "escaped");
  }
}

/** A guard that does not see what Windows says of a link. */
const blind: Nt = {
  ...ntdllFiles,
  query(handle, into, informationClass) {
    return informationClass === INFORMATION.attributeTag ? 0 : ntdllFiles.query(handle, into, informationClass);
  },
};

const TRIES_A_RACE = 50;
/** Takes what bears the wanted digest, and puts it back where nothing stands. A race is one in which it was seen. */
async function take(glob: WindowsGlob, wanted: string, times: number): Promise<void> {
  const machine = windowsFiles({ stateFolder: `${folder}\\state` });
  const dice = Buffer.alloc(32);
  let races = 0;
  for (let i = 0; races < times && i < times * TRIES_A_RACE; i++) {
    dice.writeUInt32BE(i, 0);
    const plan = newId("plan", at("2026-11-22T11:00:00Z"), dice);
    const found = await machine.files(glob);
    const facts = found.kind === "ok" ? found.value.find(({ sha256 }) => sha256 === wanted) : undefined;
    if (facts === undefined) {
      count(found.kind === "fault" ? found.fault : "nothing there");
      continue;
    }
    races++;
    const taken = await machine.quarantine(plan, facts);
    if (taken.kind === "fault") {
      count(taken.fault);
      continue;
    }
    const entries = await machine.quarantined(plan);
    const [entry] = entries.kind === "ok" ? entries.value : [];
    if (entry === undefined || !entry.held) {
      count("lost");
      continue;
    }
    count("taken");
    for (;;) {
      const restored = await machine.restore(entry);
      if (restored.kind === "ok") break;
      count(`not put back: ${restored.fault}`);
      if (restored.fault !== "file-changed" && restored.fault !== "file-locked" && restored.fault !== "not-found")
        break;
    }
  }
}

if (side === "attack") process.stdout.write(JSON.stringify({ swaps: attack(rest[0] ?? "", rest[1] ?? "") }));
else {
  const [glob, wanted = "", times] = rest;
  while (!existsSync(`${folder}\\attacked`)) await setTimeout(1);
  if (side === "take") await take(WindowsGlob.parse(glob), wanted, Number(times));
  else await look(side === "look" ? ntdllFiles : blind, WindowsGlob.parse(glob), wanted, Number(times));
  process.stdout.write(JSON.stringify(Object.fromEntries(tally)));
}
