/**
 * The parts of a Startup Repair trail, told apart by their shape alone.
 *
 * A part is a heading, a rule of dashes and a body; two rules in a row end a session. The head has a number of attempts;
 * a session's body is pairs with "="; a test's is a name, a result with a code, a time; what remains is root causes, each
 * with the repairs that were tried.
 */
export interface RepairAction {
  readonly action: string;
  readonly result: string;
  /** Lower-case hex; zero: it worked. */
  readonly code: string;
}
export type TrailPart =
  | { readonly kind: "head"; readonly repairAttempts: number | null; readonly lastBoot: string | null }
  | { readonly kind: "session"; readonly systemDisk: string; readonly windowsDirectory: string }
  | { readonly kind: "test" }
  | {
      readonly kind: "causes";
      readonly rootCauses: readonly string[];
      readonly repairActions: readonly RepairAction[];
    };

interface RawPart {
  readonly heading: string;
  readonly body: readonly string[];
  /** The file ends in it. */
  readonly isCutOff: boolean;
}

export const isRule = (line: string): boolean => /^\s*-{5,}\s*$/.test(line);

export function partsOf(text: string): TrailPart[] {
  const parts: TrailPart[] = [];
  /** What parts under the same heading were, for one that is damaged or that the file ends in. */
  const known = new Map<string, TrailPart["kind"]>();
  for (const [i, raw] of rawPartsOf(text.split(/\r\n|\r|\n/)).entries()) {
    const part = i === 0 ? headOf(raw.body) : raw.isCutOff ? cutOffPart(raw, known) : partOf(raw, known);
    known.set(raw.heading, part.kind);
    parts.push(part);
  }
  return parts;
}

function rawPartsOf(lines: readonly string[]): RawPart[] {
  const starts = lines.flatMap((line, i) => (isRule(line) && isHeading(lines[i - 1]) ? [i] : []));
  return starts.map((start, i) => {
    const end = (starts[i + 1] ?? lines.length + 1) - 1; // the line before a rule is the next part's heading
    const body = lines.slice(start + 1, end);
    const rule = body.findIndex(isRule);
    const isCutOff = rule < 0 && i === starts.length - 1;
    return { heading: lines[start - 1]?.trim() ?? "", body: rule < 0 ? body : body.slice(0, rule), isCutOff };
  });
}

const isHeading = (line: string | undefined): boolean => line !== undefined && line.trim() !== "" && !isRule(line);

/** Chinese and Japanese write wide signs. */
function pairOf(line: string, sign: ":" | "="): { key: string; value: string } | undefined {
  const at = line.search(sign === ":" ? /[:：]/ : /[=＝]/);
  return at < 0 ? undefined : { key: line.slice(0, at).trim(), value: line.slice(at + 1).trim() };
}

function headOf(body: readonly string[]): TrailPart {
  const values = body.flatMap((line) => pairOf(line, ":")?.value ?? []);
  const attempts = values.findLast((value) => /^\d{1,9}$/.test(value));
  const lastBoot = values.find((value) => value !== "" && value !== attempts);
  return {
    kind: "head",
    repairAttempts: attempts === undefined ? null : Number(attempts),
    lastBoot: lastBoot ?? null,
  };
}

function partOf({ heading, body }: RawPart, known: ReadonlyMap<string, TrailPart["kind"]>): TrailPart {
  const lines = body.filter((line) => line.trim() !== "");
  const [first = "", second = ""] = lines;
  const pairs = lines.map((line) => pairOf(line, "="));
  const isSession = pairs.every((pair) => pair !== undefined && pair.key !== "") && resultOf(first) === undefined;
  if (isSession && pairs.length >= 2) return sessionOf(lines);
  const isTest = pairOf(first, ":") !== undefined && resultOf(second) !== undefined;
  return isTest || known.get(heading) === "test" ? { kind: "test" } : causesOf(body);
}

/** The part that the file breaks off in may lack what it would be told by; the order of parts helps. */
function cutOffPart({ heading, body }: RawPart, known: ReadonlyMap<string, TrailPart["kind"]>): TrailPart {
  const kinds = new Set(known.values());
  const kind = known.get(heading) ?? (!kinds.has("session") ? "session" : !kinds.has("test") ? "test" : undefined);
  if (kind === "session") return sessionOf(body.filter((line) => line.trim() !== ""));
  if (kind === "test") return { kind };
  const lines = body.at(-1) === "" ? body.slice(0, -1) : body; // the end of the last line, no empty one
  const ended = lines.slice(0, lines.findLastIndex((line) => line.trim() === "") + 1);
  return causesOf(ended.some((line) => line.trim() !== "") ? ended : lines); // half a repair is no cause
}

function sessionOf([disk = "", folder = ""]: readonly string[]): TrailPart {
  const value = (line: string): string => pairOf(line, "=")?.value ?? "";
  return { kind: "session", systemDisk: value(disk), windowsDirectory: value(folder) };
}

/** "Failed. Error code =  0x490", behind its name. */
function resultOf(line: string): { result: string; code: string } | undefined {
  const at = line.search(/[=＝]\s*0x[0-9a-f]{1,16}\s*$/i);
  if (at < 0) return undefined;
  const words = line.slice(0, at);
  return { result: (pairOf(words, ":")?.value ?? words).trim(), code: hexOf(line.slice(at + 1)) };
}

const hexOf = (code: string): string => BigInt(code.trim()).toString(16);

function causesOf(body: readonly string[]): TrailPart {
  const rootCauses: string[] = [];
  const repairActions: RepairAction[] = [];
  let cause: string[] = [];
  const endCause = (): void => {
    if (cause.length > 0) rootCauses.push(cause.join(" "));
    cause = [];
  };
  for (let i = 0; i < body.length; i++) {
    const line = body[i] ?? "";
    const action = pairOf(line, ":");
    const outcome = action === undefined ? undefined : resultOf(body[i + 1] ?? "");
    if (action !== undefined && outcome !== undefined) {
      endCause();
      repairActions.push({ action: action.value, ...outcome });
      i += /[=＝]\s*\d/.test(body[i + 2] ?? "") ? 2 : 1; // how long it took
    } else if (line.trim() !== "") cause.push(line.trim());
  }
  endCause();
  return { kind: "causes", rootCauses, repairActions };
}
