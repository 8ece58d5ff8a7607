/** What `fltmc filters` prints: file system filters in columns under lines of hyphens, whatever the headings say. */
export interface FileSystemFilter {
  readonly name: string;
  /** Where it stands in the order of filters; undefined for a legacy filter, which has none. */
  readonly altitude: string | undefined;
}

/** Undefined: no list, as without the right to ask. */
export function parseFilters(output: string): readonly FileSystemFilter[] | undefined {
  const lines = output.split("\n").map((line) => line.trimEnd());
  const ruler = lines.findIndex((line) => /^-{3,}(?: +-{3,}){2,}$/.test(line));
  if (ruler < 0) return undefined;
  return lines.slice(ruler + 1).flatMap((line) => {
    const legacy = /^(\S+) +<\S+>$/.exec(line);
    if (legacy?.[1] !== undefined) return [{ name: legacy[1], altitude: undefined }];
    const [, name, altitude] = /^(\S+) +\d+ +(\d+(?:\.\d+)?) +\d+$/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, altitude }];
  });
}
