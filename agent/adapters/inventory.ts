/**
 * What machine this is: maker, model, system, memory. Slow (on Windows it asks WMI), so never on the path of a boot.
 *
 * Every question has its own time limit; what is not answered in time, or empty, is null: not known.
 */
import { osInfo, system } from "systeminformation";
import { totalmem } from "node:os";

export interface Inventory {
  readonly manufacturer: string | null;
  readonly model: string | null;
  readonly isVirtual: boolean | null;
  readonly system: string | null;
  readonly memoryBytes: number;
}

/** @param withinMs for each question */
export async function takeInventory(withinMs: number): Promise<Inventory> {
  // Only functions without arguments: nothing of ours ever reaches a command line.
  const [machine, os] = await Promise.all([inTime(system(), withinMs), inTime(osInfo(), withinMs)]);
  return {
    manufacturer: known(machine?.manufacturer),
    model: known(machine?.model),
    isVirtual: machine?.virtual ?? null,
    system: known([os?.distro, os?.release, os?.arch].filter((part) => known(part) !== null).join(" ")),
    memoryBytes: totalmem(),
  };
}

export function tellInventory({ manufacturer, model, isVirtual, system: name, memoryBytes }: Inventory): string {
  const say = (value: string | null): string => value ?? "not known";
  const kind = isVirtual === null ? "not known" : isVirtual ? "yes" : "no";
  return [
    `maker            ${say(manufacturer)}`,
    `model            ${say(model)}`,
    `virtual machine  ${kind}`,
    `system           ${say(name)}`,
    `memory           ${(memoryBytes / 2 ** 30).toFixed(1)} GiB`,
    "",
  ].join("\n");
}

const known = (value: string | undefined): string | null =>
  value === undefined || value.trim() === "" ? null : value.trim();

async function inTime<Answer>(question: Promise<Answer>, withinMs: number): Promise<Answer | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, withinMs, undefined);
  });
  try {
    return await Promise.race([question, tooLate]);
  } catch {
    return undefined; // not answered is not known, whatever the reason
  } finally {
    clearTimeout(timer);
  }
}
