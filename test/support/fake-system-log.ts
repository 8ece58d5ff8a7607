/** Windows' System log behind a `wevtutil` that understands the agent's questions: numbered, cleared, written round. */
import type { RunTool } from "../../agent/adapters/windows/ports.ts";
import { renderRecord } from "../lab/event-log.ts";
import type { EventRecord } from "../lab/event-records.ts";

export class FakeSystemLog {
  private records: { readonly id: number; readonly record: EventRecord }[] = [];
  private nextId = 1;
  /** Every question so far. */
  readonly asked: string[] = [];
  /** A stub: it ends well and says nothing. */
  isSilent = false;

  write(...records: readonly EventRecord[]): void {
    for (const record of records) this.records.push({ id: this.nextId++, record });
  }

  /** @param anew numbers begin at 1 again, as after the file was replaced */
  clear(anew: boolean): void {
    this.records = [];
    if (anew) this.nextId = 1;
  }

  /** The log is a ring: its oldest records are written over. */
  dropOldest(count: number): void {
    this.records = this.records.slice(count);
  }

  readonly runTool: RunTool = async (tool, args) => {
    if (tool !== "wevtutil") return { kind: "fault", fault: "not-found", because: `there is no ${tool}` };
    const [command, log, ...options] = args;
    const option = (name: string): string | undefined =>
      options.find((each) => each.startsWith(`/${name}:`))?.slice(name.length + 2);
    const query = option("q") ?? "";
    this.asked.push(query);
    if (command !== "qe" || log !== "System" || option("f") !== "RenderedXml")
      return { kind: "ok", value: { exitCode: 87, stdout: "", stderr: "The parameter is incorrect." } };
    if (this.isSilent) return { kind: "ok", value: { exitCode: 0, stdout: "", stderr: "" } };
    const from = Number(/EventRecordID>=(\d+)/.exec(query)?.[1] ?? 0);
    const ids = new Set([...query.matchAll(/EventID=(\d+)/g)].map((match) => Number(match[1])));
    const found = this.records.filter(({ id, record }) => id >= from && ids.has(record.id));
    const ordered = option("rd") === "true" ? found.toReversed() : found;
    const stdout = ordered
      .slice(0, Number(option("c") ?? Number.POSITIVE_INFINITY))
      .map(({ id, record }) => `${renderRecord(record, { computer: "PC-1", recordId: id })}\n`)
      .join("");
    return { kind: "ok", value: { exitCode: 0, stdout, stderr: "" } };
  };
}
