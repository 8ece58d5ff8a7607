/**
 * Boot configuration of a machine under Wine, which has none: a fake bcdedit with one Windows, and room for one entry more.
 *
 * It speaks German, so that whoever reads its words instead of its shape fails here. `set({ mood })` makes it misbehave:
 * `denied` refuses each change as Defender's rule does, `lies` says that it did what it did not.
 */
import { type Answer, FakeTool } from "./fake-tool.ts";

/** The Windows of the machine, and the one entry that can be added. */
const WINDOWS = "{75d876ef-6a3d-11ea-8d71-809133f4eea6}";
const ADDED = "{1f0b7c56-0c1d-11ef-9a3e-806e6f6e6963}";

const row = (name: string, value: string): string => `print ${name.padEnd(24)}${value}`;
const ENTRY_HEAD = ["print", "print Windows-Startladeprogramm", "print -------------------------"];
const entryRows = (description: string): string[] => [
  row("device", "partition=C:"),
  row("path", "\\Windows\\system32\\winload.efi"),
  row("description", description),
  row("locale", "de-DE"),
  row("inherit", "{6efb52bf-1766-41db-a6b3-0ee5eff72bd7}"),
  row("recoverysequence", "{75d876f1-6a3d-11ea-8d71-809133f4eea6}"),
  row("recoveryenabled", "Yes"),
  row("osdevice", "partition=C:"),
  row("systemroot", "\\Windows"),
  row("resumeobject", "{75d876ee-6a3d-11ea-8d71-809133f4eea6}"),
  row("nx", "OptIn"),
  row("bootmenupolicy", "Standard"),
];
const windowsEntry = [...ENTRY_HEAD, row("Bezeichner", WINDOWS), ...entryRows("Windows 11")];
const addedEntry = [
  ...ENTRY_HEAD,
  row("Bezeichner", ADDED),
  ...entryRows("${description}"),
  `?safeboot=minimal ${row("safeboot", "Minimal")}`,
  `?safeboot=network ${row("safeboot", "Network")}`,
];
const manager = [
  "print",
  "print Windows-Start-Manager",
  "print ---------------------",
  row("Bezeichner", "{9dea862c-5cdd-4e70-acc1-f32b344d4795}"),
  row("device", "partition=\\Device\\HarddiskVolume1"),
  row("path", "\\EFI\\Microsoft\\Boot\\bootmgfw.efi"),
  row("description", "Windows Boot Manager"),
  row("locale", "de-DE"),
  row("inherit", "{7ea2e1ac-2e61-4728-aaa3-896d9d0a9f0e}"),
  row("default", "${default}"),
  row("displayorder", WINDOWS),
  `?displayed=yes ${row("", ADDED)}`,
  `?bootsequence!= ${row("bootsequence", "${bootsequence}")}`,
  row("toolsdisplayorder", "{b2721d73-1db4-4c62-bf78-c548a880142d}"),
  row("timeout", "30"),
];

const only = (condition: string, lines: readonly string[]): string[] => lines.map((line) => `${condition} ${line}`);
const NOT_FOUND = ["print Der angegebene Eintrag wurde nicht gefunden.", "exit 1"];
const DENIED = ["?mood=denied error Zugriff verweigert", "?mood=denied exit 1"];
const DONE = "Der Vorgang wurde erfolgreich beendet.";
const changes = (act: readonly string[], said = DONE): string[] => [
  ...DENIED,
  ...only("?mood!=lies", act),
  `print ${said}`,
];

const ANSWERS: readonly Answer[] = [
  { on: ["/enum", "{bootmgr}", "/v"], act: manager },
  {
    on: ["/enum", "{current}", "/v"],
    act: [...only("?current=safe", addedEntry), ...only("?current!=safe", windowsEntry)],
  },
  { on: ["/enum", "osloader", "/v"], act: [...windowsEntry, ...only("?entry=yes", addedEntry)] },
  {
    on: ["/copy", "{current}", "/d", "*"],
    act: [
      "?entry=yes print Es ist kein Platz fuer einen zweiten Eintrag.",
      "?entry=yes exit 1",
      ...changes(
        ["set entry=yes", "set displayed=yes", "set description=$1"],
        `Der Eintrag wurde erfolgreich in ${ADDED} kopiert.`,
      ),
    ],
  },
  ...[
    { on: ["/set", ADDED, "safeboot", "*"], act: ["set safeboot=$1"] },
    { on: ["/displayorder", ADDED, "/remove"], act: ["set displayed="] },
    { on: ["/bootsequence", ADDED], act: [`set bootsequence=${ADDED}`] },
    { on: ["/bootsequence", ADDED, "/remove"], act: ["set bootsequence="] },
    { on: ["/delete", ADDED, "/f"], act: ["set entry=", "set displayed=", "set safeboot=", "set description="] },
  ].map(({ on, act }): Answer => ({ on, act: [...only("?entry!=yes", NOT_FOUND), ...changes(act)] })),
];

export interface FakeBcdedit {
  /** The command lines so far. */
  log(): Promise<readonly string[]>;
  /** The variables: `entry`, `displayed` (yes or empty), `description`, `safeboot`, `bootsequence`, `mood`, `current`, `default`. */
  state(): Promise<ReadonlyMap<string, string>>;
  set(variables: Readonly<Record<string, string>>): Promise<void>;
  /** As the boot manager at a start: takes what is to be started once, and says in which safe mode the machine is then. */
  boot(): Promise<"minimal" | "network" | undefined>;
}

/** @param folder where the agent finds its tools, in the machine's prefix */
export async function fakeBcdedit(folder: string): Promise<FakeBcdedit> {
  const tool = await FakeTool.install(folder, "bcdedit", ANSWERS);
  await tool.set({ default: WINDOWS });
  return {
    log: () => tool.log(),
    state: () => tool.state(),
    set: (variables) => tool.set(variables),
    async boot() {
      const state = await tool.state();
      const once = state.get("entry") === "yes" && state.get("bootsequence") === ADDED;
      await tool.set({ bootsequence: "", current: once ? "safe" : "" });
      const mode = state.get("safeboot");
      return once && (mode === "minimal" || mode === "network") ? mode : undefined;
    },
  };
}
