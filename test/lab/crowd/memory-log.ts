/** A record log of a machine that lives in memory. Kept as lines, so that nobody changes a record that was written. */
import type { RecordLog } from "../../../agent/ports.ts";
import type { ProcessLife } from "./process-life.ts";

export class MemoryLog {
  #lines: string[] = [];

  /** As one life of the agent sees it. */
  openFor(life: ProcessLife): RecordLog {
    return {
      read: () => life.give(this.#lines.map((line): unknown => JSON.parse(line))),
      append: (record) => {
        if (life.isAlive) this.#lines.push(JSON.stringify(record));
        return life.give(undefined);
      },
      replace: (records) => {
        if (life.isAlive) this.#lines = records.map((record) => JSON.stringify(record));
        return life.give(undefined);
      },
    };
  }
}
