/**
 * A record log on a disk that outlives its process. Kept as the lines of a file: a power cut in the middle of a write
 * leaves a torn last line, which the next read drops.
 */
import { RecordNotWritten, type RecordLog } from "../../agent/ports.ts";

/** Carries out a write, with whatever the machine does to it. `tear` is what is left if the power goes in the middle. */
export type WriteThrough = (what: string, write: () => void, tear?: () => void) => Promise<void>;

/** What a machine does to its logs. */
export interface LogMedium {
  readonly isFull: () => boolean;
  readonly write: WriteThrough;
  readonly read: <Value>(value: Value) => Promise<Value>;
  /** Told when the agent begins to write a record. */
  readonly noting?: ((record: unknown) => void) | undefined;
  /** It says that this record is written, and it is not. */
  readonly loses: ((record: unknown) => boolean) | undefined;
}

export class SimLog {
  private lines: string[] = [];
  private readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /** As one life of the agent sees it. */
  openFor({ isFull, write, read, noting, loses }: LogMedium): RecordLog {
    const writeUnlessFull: WriteThrough = async (what, change, tear) => {
      if (isFull()) throw new RecordNotWritten(`${this.name}: there is no space left on the disk`);
      await write(what, change, tear);
    };
    return {
      read: async () => {
        if (!isWhole(this.lines.at(-1))) this.lines.pop();
        return read(this.records());
      },
      append: async (record) => {
        noting?.(record);
        if (loses?.(record) === true) return;
        const line = JSON.stringify(record);
        const tear = (): void => void this.lines.push(line.slice(0, line.length >> 1));
        await writeUnlessFull(`${this.name} + ${nameOf(record)}`, () => void this.lines.push(line), tear);
      },
      // A new file that takes the old one's name: all or nothing.
      replace: async (records) => {
        const lines = records.map((record) => JSON.stringify(record));
        await writeUnlessFull(`${this.name} = ${lines.length} records`, () => void (this.lines = lines));
      },
    };
  }

  records(): readonly unknown[] {
    return this.lines.filter(isWhole).map((line): unknown => JSON.parse(line));
  }
}

function isWhole(line: string | undefined): boolean {
  if (line === undefined) return true;
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

function nameOf(record: unknown): string {
  const { event, step, sequence, kind } = record as { event?: string; step?: number; sequence?: number; kind?: string };
  return [event, step ?? sequence, kind].filter((part) => part !== undefined).join(" ");
}
