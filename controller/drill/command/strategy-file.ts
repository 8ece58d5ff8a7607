/** A strategy from a file that somebody wrote: YAML or JSON, with every fault told by file, line and field. */
import { Strategy } from "../../../protocol/strategy.ts";
import { readDocument } from "../../cli/documents.ts";
import { UsageError } from "../../cli/errors.ts";
import { faultsOfZones } from "../../rollout/windows.ts";

/** @throws UsageError that names each fault's line */
export function readStrategy(name: string, text: string): Strategy {
  const source = readDocument(name, text);
  const read = Strategy.safeParse(source.value);
  if (!read.success)
    throw faulty(
      name,
      read.error.issues.map(({ path, message }) => told(source.place(path.join(".")), path.join("."), message)),
    );
  const faults = faultsOfZones(read.data).map(({ path, message }) => told(source.place(path), path, message));
  if (faults.length > 0) throw faulty(name, faults);
  return read.data;
}

const told = (place: string, path: string, message: string): string =>
  `  ${place}: ${path === "" ? "" : `${path}: `}${message}`;

const faulty = (name: string, faults: readonly string[]): UsageError =>
  new UsageError(`${name} is no strategy; nothing was simulated.\n${faults.join("\n")}`);
