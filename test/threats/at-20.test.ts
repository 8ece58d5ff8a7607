/** AT-20: no order touches the agent: its folders, what it keeps of known good contents, its service; however it is spelled. */
import { describe, expect, test } from "vitest";
import { labMachine } from "../../agent/adapters/lab/machine.ts";
import { locateFolder } from "../../agent/adapters/lab/paths.ts";
import { FILES } from "../../agent/adapters/files.ts";
import { admit } from "../../agent/core/admission.ts";
import { BootId } from "../../protocol/boot.ts";
import { WindowsGlob } from "../../protocol/windows-path.ts";
import { aPlan, factsNow, PEOPLES_TRUST } from "../support/attack.ts";
import { makeLabDisk } from "../support/lab-disk.ts";
import { aQuarantine, anotherSha256, DEVICE, NOON, planIdOf } from "../support/signed-order.ts";
import { aPolicy } from "../support/trust.ts";

const { ownFolders } = labMachine("nowhere", {
  bootId: BootId.parse("b"),
  bootedAt: NOON,
  kind: "cold",
  mode: "normal",
});
const wide = aPolicy({ version: 2 });
/** As wide as settings and policy can be. */
const facts = factsNow({
  belief: {
    trust: PEOPLES_TRUST,
    policy: { ...wide, sources: wide.sources.map((rule) => ({ ...rule, roots: ["C:\\" as never] })) },
  },
  allowedRoots: ["C:\\"],
  forbiddenRoots: ownFolders,
});

const NAMES = [
  "journal.log",
  "belief.json",
  "config.json",
  "device-key.pem",
  `${FILES.knownGood}\\a.sys`,
  `${FILES.quarantine}\\plan\\1.bin`,
  "*",
  "*.*",
  "b?lief.json",
  "journal*",
];
const letters = (path: string): string[] => [
  path,
  path.toUpperCase(),
  path.toLowerCase(),
  path
    .split("")
    .map((letter, i) => (i % 2 === 0 ? letter.toUpperCase() : letter.toLowerCase()))
    .join(""),
];
const spelled = (path: string): string[] => [
  path,
  path.replaceAll("\\", "/"),
  path.replace("\\", "\\\\"),
  path.replace(/\\(?=[^\\]*$)/, "\\.\\"),
  path.replace(/\\(?=[^\\]*$)/, "\\x\\..\\"),
  path.replace(/Ringback/i, "RINGBA~1"),
  path.replace(/Ringback/i, "Ringback."),
  path.replace(/Ringback/i, "Ringback "),
  path.replace(/Ringback/i, "Ringbac?"),
  path.replace(/Ringback/i, "Ring\u200bback"),
  path.replace(/ProgramData/i, "PROGRA~3").replace(/Program Files/i, "PROGRA~1"),
  `\\\\?\\${path}`,
  `\\\\.\\${path}`,
  path.replace("C:", "\\\\localhost\\C$"),
  `${path}::$DATA`,
  `${path}:stream`,
  path.replace("C:\\", "C:"),
];
const VARIANTS = ownFolders
  .flatMap((folder) => NAMES.flatMap((name) => letters(`${folder}\\${name}`).flatMap(spelled)))
  .concat(
    ownFolders.flatMap(letters),
    ownFolders.flatMap((folder) => letters(folder.replace("Ringback", "*"))),
    ownFolders.map((folder) => folder.replace("Ringback", "R?ngb*")),
  );

function verdictOn(files: string): string {
  if (!WindowsGlob.safeParse(files).success) return "no such path";
  const restore = { kind: "restore-file", files, sha256: anotherSha256("x"), from: { quarantineOf: planIdOf("old") } };
  const verdicts = [[aQuarantine("x", { files })], [restore]].map((steps) => {
    const verdict = admit(aPlan({ steps }).orderFor(DEVICE), facts);
    return verdict.kind === "refused" ? verdict.rule : verdict.kind;
  });
  return [...new Set(verdicts)].join(" ");
}

describe("AT-20 the agent's own folders", () => {
  test(`AT-20 in ${VARIANTS.length} spellings`, () => {
    const verdicts = Map.groupBy(new Set(VARIANTS), verdictOn);
    expect([...verdicts.keys()].sort()).toEqual(["no such path", "path-not-allowed"]);
    expect(verdicts.get("path-not-allowed")?.length).toBeGreaterThan(60);
  });

  test.each(["C:\\ProgramData\\Ringbackup\\a.sys", "C:\\ProgramData\\Ring\\a.sys", "C:\\ProgramData\\*.sys"])(
    "AT-20 %s is somebody else's",
    (files) => {
      expect(verdictOn(files)).toBe("accepted");
    },
  );

  test("AT-20 letters that only look alike lead nowhere on a disk either", async () => {
    await using disk = await makeLabDisk();
    const { mkdir } = await import("node:fs/promises");
    const { join } = await import("node:path");
    await mkdir(join(disk.path, "C", "ProgramData", "Ringback"), { recursive: true });
    expect((await locateFolder(disk.path, "c:\\PROGRAMDATA\\ringback")).kind).toBe("ok");
    for (const name of ["Ringbac\u212a", "R\u0131ngback", "R\u0130ngback", "\u211dingback"])
      expect(await locateFolder(disk.path, `C:\\ProgramData\\${name}`)).toEqual({ kind: "ok", value: undefined });
  });
});

const SERVICES = ["ringback", "Ringback", "RINGBACK", "rINGBACK", "Ringback ", " Ringback", "  ringback  "];
test(`AT-20 the agent's own service, in ${SERVICES.length} spellings`, () => {
  for (const service of SERVICES)
    for (const start of ["disabled", "manual", "automatic"]) {
      const verdict = admit(aPlan({ steps: [{ kind: "set-service-start", service, start }] }).orderFor(DEVICE), facts);
      expect(verdict).toMatchObject({ kind: "refused", rule: "step-not-allowed" });
    }
});
