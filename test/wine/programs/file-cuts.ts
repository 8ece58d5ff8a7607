/**
 * Ends each of the file calls at each of its effects, in one Windows process: as if the power went (nothing is done from
 * there on), or as if Windows refused that one effect. What was to be seen each time goes to standard output as JSON.
 *
 * Arguments: the state folder, and the file; both on one volume. The file is whole when it reads "whole".
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { windowsFiles, type WindowsFiles } from "../../../agent/adapters/windows/machine-files.ts";
import { ntdllFiles } from "../../../agent/adapters/windows/native/ntdll-files.ts";
import { STATUS } from "../../../agent/adapters/windows/nt.ts";
import type { Result } from "../../../agent/ports.ts";
import { newId, type PlanId } from "../../../protocol/ids.ts";
import { at } from "../../../protocol/time.ts";
import { WindowsGlob, WindowsPath } from "../../../protocol/windows-path.ts";
import { countingNt } from "../../support/counting-nt.ts";
import type { CutCall, CutEnd, CutSeen } from "../../support/file-cuts.ts";

const stateFolder = process.argv[2] ?? "";
const path = WindowsPath.parse(process.argv[3]);
const folder = path.slice(0, path.lastIndexOf("\\"));
const whole = windowsFiles({ stateFolder });

const said = (result: Result<unknown>): string => (result.kind === "ok" ? "ok" : result.fault);
const textsIn = (where: string, names: RegExp): readonly string[] =>
  existsSync(where)
    ? readdirSync(where)
        .filter((name) => names.test(name))
        .map((name) => readFileSync(`${where}\\${name}`, "utf8"))
    : [];

async function factsNow() {
  const found = await whole.files(WindowsGlob.parse(path));
  const [facts] = found.kind === "ok" ? found.value : [];
  if (facts === undefined) throw new Error(`${path} is not there`);
  return facts;
}

async function heldBy(machine: WindowsFiles, plan: PlanId) {
  const entries = await machine.quarantined(plan);
  return entries.kind === "ok" ? entries.value.filter(({ held }) => held) : undefined;
}

/** Each call, from where it begins, and what is to be called again after it was cut short. */
async function prepare(call: CutCall, plan: PlanId): Promise<(machine: WindowsFiles) => Promise<Result<unknown>>> {
  rmSync(`${stateFolder}\\known-good`, { recursive: true, force: true });
  if (!existsSync(path)) writeFileSync(path, "whole");
  const facts = await factsNow();
  switch (call) {
    case "quarantine":
      return (machine) => machine.quarantine(plan, facts);
    case "restore": {
      await whole.quarantine(plan, facts);
      return async (machine) => {
        const [entry] = (await heldBy(machine, plan)) ?? [];
        return entry === undefined ? { kind: "ok", value: undefined } : machine.restore(entry);
      };
    }
    case "keep":
      return (machine) => machine.knownGood.keep([facts]);
    case "put-back":
      await whole.knownGood.keep([facts]);
      rmSync(path);
      return (machine) => machine.knownGood.putBack(path, facts.sha256);
  }
}

let plans = 0;
async function cut(call: CutCall, end: CutEnd, effect: number): Promise<CutSeen> {
  const dice = Buffer.alloc(32);
  dice.writeUInt32BE(++plans, 0);
  const plan = newId("plan", at("2026-11-22T11:00:00Z"), dice);
  const act = await prepare(call, plan);
  let effects = 0;
  const nt = countingNt(ntdllFiles, (count) => {
    effects = count;
    if (end !== "power lost") return count === effect ? STATUS[end] : undefined;
    if (count >= effect) throw new Error("the power is gone");
    return undefined;
  });
  const result = said(await act(windowsFiles({ stateFolder, nt })));
  const look = async () => ({
    standing: existsSync(path) ? readFileSync(path, "utf8") : null,
    kept: textsIn(`${stateFolder}\\quarantine\\${plan}`, /\.bin$/),
    good: textsIn(`${stateFolder}\\known-good`, /^[0-9a-f]{64}$/),
    strays: readdirSync(folder).filter((name) => name.endsWith(".tmp")).length,
    held: (await heldBy(whole, plan))?.length ?? -1,
  });
  const after = await look();
  const again = said(await act(whole));
  return { call, end, effect, reached: effects >= effect, result, after, again, atEnd: await look() };
}

const seen: CutSeen[] = [];
for (const call of ["quarantine", "restore", "keep", "put-back"] as const)
  for (const end of ["power lost", "diskFull", "accessDenied", "sharingViolation"] as const)
    for (let effect = 1; ; effect++) {
      const one = await cut(call, end, effect);
      if (!one.reached) break;
      seen.push(one);
    }
process.stdout.write(JSON.stringify(seen));
