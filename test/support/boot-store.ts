/** A boot configuration in memory, changed by command lines as bcdedit takes them; power may go at any of them. */
import type { RunTool } from "../../agent/adapters/windows/ports.ts";

const MANAGER = "{9dea862c-5cdd-4e70-acc1-f32b344d4795}";
export const WINDOWS = "{75d876ef-6a3d-11ea-8d71-809133f4eea6}";

type Elements = Record<string, string[]>;

export class PowerWent extends Error {
  override readonly name = "PowerWent";
}

export class BootStore {
  entries = new Map<string, Elements>([
    [MANAGER, { description: ["Windows Boot Manager"], default: [WINDOWS], displayorder: [WINDOWS], timeout: ["30"] }],
    [WINDOWS, { device: ["partition=C:"], description: ["Windows 11"], recoveryenabled: ["Yes"] }],
  ]);
  /** Says yes and does nothing, or says no. */
  mood: "obeys" | "lies" | "denies" = "obeys";
  /** The power goes at this call of bcdedit, counted from 0: before it has done anything, or after. */
  cut: { readonly call: number; readonly when: "before" | "after" } | undefined;
  calls = 0;
  private copies = 0;
  private current = WINDOWS;

  readonly run: RunTool = async (tool, args) => {
    if (tool !== "bcdedit") throw new Error(`bcdedit was expected, not ${tool}`);
    const { cut } = this;
    const call = this.calls++;
    if (cut?.call === call && cut.when === "before") throw new PowerWent();
    const { exitCode, stdout } = this.answer(args);
    if (cut?.call === call) throw new PowerWent();
    return { kind: "ok", value: { exitCode, stdout, stderr: "" } };
  };

  manager(): Elements {
    return this.entries.get(MANAGER) ?? {};
  }

  /** All entries, apart from what each is called. */
  contents(): string {
    return JSON.stringify([...this.entries.values()]);
  }

  /** What the boot manager starts next, and from then on as ever. */
  boot(): Elements | undefined {
    const once = this.manager()["bootsequence"]?.[0];
    delete this.manager()["bootsequence"];
    this.current = once ?? this.manager()["default"]?.[0] ?? "";
    return this.entries.get(this.current);
  }

  private answer(args: readonly string[]): { exitCode: number; stdout: string } {
    const [verb, what = "", ...rest] = args;
    if (verb === "/enum") return { exitCode: 0, stdout: this.list(what) };
    if (this.mood === "denies") return { exitCode: 1, stdout: "Acceso denegado." };
    if (this.mood === "obeys") this.change(verb ?? "", what, rest);
    return { exitCode: 0, stdout: "La operación se completó correctamente." };
  }

  private list(what: string): string {
    const ids = what === "osloader" ? [...this.entries.keys()].filter((id) => id !== MANAGER) : [];
    if (what === "{bootmgr}") ids.push(MANAGER);
    if (what === "{current}") ids.push(this.current);
    return ids
      .map((id) => {
        const rows = Object.entries(this.entries.get(id) ?? {}).flatMap(([name, values]) =>
          values.map((value, at) => `${(at === 0 ? name : "").padEnd(24)}${value}`),
        );
        return ["", "Cargador de arranque de Windows", "-----", `Identificador           ${id}`, ...rows].join("\n");
      })
      .join("\n");
  }

  private change(verb: string, what: string, rest: readonly string[]): void {
    const entry = this.entries.get(what);
    switch (verb) {
      case "/copy": {
        const id = `{1f0b7c56-0c1d-11ef-9a3e-80000000000${this.copies++}}`;
        this.entries.set(id, { ...structuredClone(this.entries.get(WINDOWS)), description: [rest[1] ?? ""] });
        this.add("displayorder", id);
        break;
      }
      case "/set":
        if (entry !== undefined) entry[rest[0] ?? ""] = [rest[1] === "minimal" ? "Minimal" : "Network"];
        break;
      case "/displayorder":
      case "/bootsequence":
        this.drop(verb.slice(1), what);
        if (rest[0] !== "/remove") this.add(verb.slice(1), what);
        break;
      case "/delete":
        this.entries.delete(what);
        for (const list of ["displayorder", "bootsequence"]) this.drop(list, what);
        break;
      default:
        throw new Error(`an unexpected command: bcdedit ${verb} ${what}`);
    }
  }

  private add(list: string, id: string): void {
    this.manager()[list] = [...(this.manager()[list] ?? []), id];
  }

  private drop(list: string, id: string): void {
    const left = (this.manager()[list] ?? []).filter((each) => each !== id);
    if (left.length > 0) this.manager()[list] = left;
    else delete this.manager()[list];
  }
}
