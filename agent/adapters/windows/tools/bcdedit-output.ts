/**
 * What `bcdedit /enum … /v` prints. Headings and the word for "identifier" are in the machine's language; the names of
 * elements never are. So an entry is told by its shape: a heading, a line of hyphens under it, then the identifier, then
 * `name   value` with further values indented under the first.
 */
export interface BootEntry {
  /** As `{75d876ef-6a3d-11ea-8d71-809133f4eea6}` or `{current}`. */
  readonly id: string;
  /** By name, in lower case; each with its values in order. */
  readonly elements: ReadonlyMap<string, readonly string[]>;
}

const IDENTIFIER = /^\{[0-9a-z-]{1,60}\}$/i;
const ELEMENT = /^([a-z0-9]{2,60}) +(\S.*)$/i;
const FURTHER_VALUE = /^ {8,}(\S.*)$/;

/** Entries that are whole. What has another shape is left out: it is not known. */
export function parseBootEntries(output: string): readonly BootEntry[] {
  const lines = output.split("\n").map((line) => line.trimEnd());
  const starts = lines.flatMap((line, at) => (at > 0 && /^-{3,}$/.test(line) && lines[at - 1] !== "" ? [at + 1] : []));
  return starts.flatMap((start, i) => {
    const end = starts[i + 1];
    return entryOf(lines.slice(start, end === undefined ? undefined : end - 2)) ?? [];
  });
}

function entryOf(lines: readonly string[]): BootEntry | undefined {
  const [first = "", ...rest] = lines;
  // Its name may be any word, or several: what counts is that it comes first.
  const id = /^\S.*? +(\{\S+\})$/.exec(first)?.[1];
  if (id === undefined || !IDENTIFIER.test(id)) return undefined;
  const elements = new Map<string, string[]>();
  let values: string[] | undefined;
  for (const line of rest) {
    if (line === "") break;
    const further = FURTHER_VALUE.exec(line)?.[1];
    const [, name, value] = ELEMENT.exec(line) ?? [];
    if (further !== undefined && values !== undefined) values.push(further);
    else if (name === undefined || value === undefined) return undefined;
    else elements.set(name.toLowerCase(), (values = [value]));
  }
  return { id: id.toLowerCase(), elements };
}

/** The only value of an element; undefined if there is none or more than one. */
export function onlyValue(entry: BootEntry, name: string): string | undefined {
  const values = entry.elements.get(name) ?? [];
  return values.length === 1 ? values[0] : undefined;
}
