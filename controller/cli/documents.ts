/** Reads a YAML or JSON document, and finds the line of a field in it when the controller refuses the field. */
import { LineCounter, parseDocument } from "yaml";
import { ApiProblem, UsageError } from "./errors.ts";

export interface SourceDocument {
  readonly value: unknown;
  /** `plan.yaml:12:5`; the nearest field above where the very field is missing. */
  place(path: string): string;
}

/** @throws UsageError that names the line of a fault in the syntax */
export function readDocument(name: string, text: string): SourceDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  const [fault] = document.errors;
  if (fault !== undefined) {
    const { line, col } = lines.linePos(fault.pos[0]);
    throw new UsageError(`${name}:${line}:${col}: ${fault.message}`);
  }
  return {
    value: document.toJS({ maxAliasCount: 100 }),
    place(path) {
      const keys = path
        .split(".")
        .filter((key) => key !== "")
        .map((key) => (/^\d+$/.test(key) ? Number(key) : key));
      for (let length = keys.length; length >= 0; length--) {
        const node: unknown = document.getIn(keys.slice(0, length), true);
        if (typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range)) {
          const { line, col } = lines.linePos(Number(node.range[0]));
          return `${name}:${line}:${col}`;
        }
      }
      return name;
    },
  };
}

/** Carries out `send`; faults of fields that the controller names are told with their line. */
export async function explained<Answer>(source: SourceDocument, send: () => Promise<Answer>): Promise<Answer> {
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.faults.length === 0) throw error;
    const faults = error.faults.map(({ path, message }) => ({
      path: `${source.place(path)} ${path}`.trimEnd(),
      message,
    }));
    throw new ApiProblem({
      type: "about:blank",
      title: "",
      status: error.status,
      code: error.code,
      detail: error.message,
      errors: faults,
      ...(error.requestId === undefined ? {} : { requestId: error.requestId }),
    });
  }
}
