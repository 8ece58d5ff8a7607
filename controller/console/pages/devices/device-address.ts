/**
 * The address of a list of devices: its filters, order and page. The names are those of the API and of the command line.
 *
 * A list that is filtered or ordered in another way begins at its first page.
 */
const FILTERS = [
  "search",
  "condition",
  "site",
  "role",
  "source",
  "sha256",
  "connected",
  "crashed",
  "standing",
  "gone",
] as const;
type FilterName = (typeof FILTERS)[number];
type Name = FilterName | "sort" | "order" | "limit";

export type Changes = Readonly<Partial<Record<Name, string | undefined>>>;

/** @returns the query part, with its question mark; with nothing set the bare one, which a link takes for "no query" */
export function changed(query: URLSearchParams, changes: Changes): string {
  const next = new URLSearchParams(query);
  next.delete("cursor");
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === "") next.delete(name);
    else next.set(name, value);
  }
  return `?${next.toString()}`;
}

export const cleared = (query: URLSearchParams): string =>
  changed(query, Object.fromEntries(FILTERS.map((name) => [name, undefined])));

/** The filters alone, for the choices that they leave. */
export function filtersOf(query: URLSearchParams): URLSearchParams {
  const filters = new URLSearchParams();
  for (const name of FILTERS) {
    const value = query.get(name);
    if (value !== null) filters.set(name, value);
  }
  return filters;
}

/** The same list on the command line. */
export function commandOf(query: URLSearchParams): string {
  const options = [...query].map(([name, value]) => ` --${name} ${shellWord(value)}`);
  return `npm run ringback -- devices list${options.join("")}`;
}

/** As one word of a POSIX shell; plain words stay as they are. */
const shellWord = (text: string): string =>
  /^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
