/** The small JSON files in which a lab machine keeps what is not a file on its disk. One that is not there is empty. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import type { Result } from "../../ports.ts";
import { faultOf, isNoSuchFile } from "../fault-of.ts";
import { replaceFile } from "../replace-file.ts";

export class JsonFile<Value> {
  private readonly path: string;
  private readonly schema: z.ZodType<Value>;
  private readonly empty: Value;

  constructor(machine: string, name: string, schema: z.ZodType<Value>, empty: Value) {
    this.path = join(machine, name);
    this.schema = schema;
    this.empty = empty;
  }

  /** @throws as node:fs and zod do */
  async read(): Promise<Value> {
    const text = await readFile(this.path, "utf8").catch((error: unknown) => {
      if (isNoSuchFile(error)) return undefined;
      throw error;
    });
    return text === undefined ? this.empty : this.schema.parse(JSON.parse(text));
  }

  /** @param what what is looked at, for the fault */
  async look<Seen>(what: string, see: (value: Value) => Seen): Promise<Result<Seen>> {
    try {
      return { kind: "ok", value: see(await this.read()) };
    } catch (error) {
      return faultOf(error, what);
    }
  }

  /** @param what what is changed, for the fault */
  async change(what: string, change: (value: Value) => Value): Promise<Result<void>> {
    try {
      await replaceFile(this.path, `${JSON.stringify(change(await this.read()), undefined, 2)}\n`);
      return { kind: "ok", value: undefined };
    } catch (error) {
      return faultOf(error, what);
    }
  }
}
