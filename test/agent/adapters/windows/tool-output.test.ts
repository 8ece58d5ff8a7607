/** What Windows' programs print, read by shape: in several languages, from real machines and written by hand in their forms. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { onlyValue, parseBootEntries } from "../../../../agent/adapters/windows/tools/bcdedit-output.ts";
import { articlesIn, parsePackageInfo, parsePackages } from "../../../../agent/adapters/windows/tools/dism-output.ts";
import { parseFilters } from "../../../../agent/adapters/windows/tools/fltmc-output.ts";
import { parseProtectors, parseVolumeStatus } from "../../../../agent/adapters/windows/tools/manage-bde-output.ts";
import { parseManifest } from "../../../../agent/adapters/windows/tools/package-manifest.ts";
import { parseDrivers } from "../../../../agent/adapters/windows/tools/pnputil-output.ts";
import { parseDefenderReport, parseHotFixes } from "../../../../agent/adapters/windows/tools/powershell-output.ts";
import { parseRecoveryState } from "../../../../agent/adapters/windows/tools/reagentc-output.ts";
import { parseWriteFilter } from "../../../../agent/adapters/windows/tools/uwfmgr-output.ts";
import { LOCAL_SYSTEM_SID, parseOwnSid } from "../../../../agent/adapters/windows/tools/whoami-output.ts";
import { samples } from "../../../support/samples.ts";

const texts = samples("text", ".txt");
const sample = (name: string): string =>
  readFileSync(texts.files.find((file) => basename(file) === name) ?? "", "utf8").replaceAll("\r\n", "\n");
const lines = (...all: string[]): string => all.join("\n");

describe.skipIf(texts.files.length === 0)(`printed on real machines${texts.note}`, () => {
  test("bcdedit in German, from a machine whose devices are unknown", () => {
    const entries = parseBootEntries(sample("bcdedit-de-offline-device-unknown.txt"));
    expect(entries.map(({ id }) => id)).toEqual(["{default}", "{75d876ef-6a3d-11ea-8d71-809133f4eea6}"]);
    expect(entries.map((entry) => onlyValue(entry, "device"))).toEqual(["unknown", "unknown"]);
    expect(entries[1]?.elements.size).toBe(15);
  });

  test("bcdedit in English", () => {
    const [entry, ...more] = parseBootEntries(sample("bcdedit-en-win10-testsigning-startuprepair.txt"));
    if (entry === undefined) throw new Error("no entry");
    expect([entry.id, onlyValue(entry, "displaymessageoverride"), onlyValue(entry, "testsigning"), more]).toEqual([
      "{current}",
      "StartupRepair",
      "Yes",
      [],
    ]);
  });

  test("dism, a package that waits for its installation", () => {
    expect(parsePackages(sample("dism-get-packages-install-pending.txt"))).toEqual([
      {
        identity: "Package_for_RollupFix~31bf3856ad364e35~amd64~~17134.345.1.5",
        state: "install pending",
        releaseType: "Security Update",
      },
    ]);
  });

  test("fltmc, with a legacy filter", () => {
    const filters = parseFilters(sample("fltmc-crowdstrike-legacy.txt"));
    expect(filters).toHaveLength(12);
    expect(filters?.slice(0, 3)).toEqual([
      { name: "cbfsconnect2017", altitude: undefined },
      { name: "bindflt", altitude: "409800" },
      { name: "CSAgent", altitude: "321410" },
    ]);
  });

  test("fltmc without the right to ask is no empty list", () => {
    expect(parseFilters(sample("fltmc-denied.txt"))).toBeUndefined();
  });

  test("Get-HotFix with columns cut off and an account in Portuguese", () => {
    expect(parseHotFixes(sample("get-hotfix-es-br-mixed.txt"))).toEqual([
      "KB4534131",
      "KB4465065",
      "KB4470788",
      "KB4480056",
    ]);
  });

  test("manage-bde, a TPM that trusts Secure Boot, its identifiers made unreadable", () => {
    expect(parseProtectors(sample("manage-bde-protectors-tpm-7-11.txt"))).toEqual([
      { kind: "tpm", pcrs: [7, 11], usesSecureBoot: true },
      { kind: "numerical-password", pcrs: [], usesSecureBoot: false },
    ]);
  });

  test("manage-bde, two volumes that are not encrypted", () => {
    expect(parseVolumeStatus(sample("manage-bde-status-off.txt"))).toEqual([
      { volume: "C:", encryptedPercent: 0 },
      { volume: "J:", encryptedPercent: 0 },
    ]);
    expect(parseProtectors(sample("manage-bde-status-off.txt"))).toBeUndefined();
  });

  test.each([
    ["mpstatus-2022-age266.txt", "1.379.386.0", "1.1.19800.4", "4.18.2210.6", undefined],
    ["mpstatus-ms-docs-2024.txt", "1.413.102.0", "1.1.24050.5", "4.18.24050.7", false],
    ["mpstatus-not-running-iso-dates.txt", undefined, undefined, "4.18.2205.4", false],
  ])("Get-MpComputerStatus: %s", (name, definitions, engine, platform, tamperProtected) => {
    expect(parseDefenderReport(sample(name))).toMatchObject({ definitions, engine, platform, tamperProtected });
  });

  test("pnputil", () => {
    expect(parseDrivers(sample("pnputil-enum-drivers-one.txt"))).toEqual([
      {
        published: "oem4.inf",
        original: "magicaap.inf",
        provider: "IP Maslov Alexander Yuryevich",
        version: "0.0.0.1",
      },
    ]);
  });

  test("reagentc", () => {
    expect(parseRecoveryState(sample("reagentc-info-en.txt"))).toEqual({
      enabled: true,
      location: "\\\\?\\GLOBALROOT\\device\\harddisk0\\partition4\\Recovery\\WindowsRE",
      bootEntry: "49337674-1cd6-11f1-9c45-be1ac8ff0e7b",
    });
  });

  test("no reader takes what another program has printed for its own", () => {
    const readers: readonly [RegExp, (output: string) => unknown][] = [
      [/^bcdedit/, parseBootEntries],
      [/^dism/, parsePackages],
      [/^fltmc-crowd/, parseFilters],
      [/^manage-bde-protectors/, parseProtectors],
      [/^mpstatus/, parseDefenderReport],
      [/^pnputil/, parseDrivers],
      [/^reagentc/, parseRecoveryState],
      [/never/, parseWriteFilter],
      [/never/, parseOwnSid],
    ];
    const taken = texts.files.flatMap((file) =>
      readers
        .filter(([own]) => !own.test(basename(file)))
        .filter(([, read]) => ![undefined, "[]"].includes(JSON.stringify(read(sample(basename(file))))))
        .map(([own]) => `${basename(file)} by the reader of ${own.source}`),
    );
    expect(taken).toEqual([]);
  });
});

describe("bcdedit", () => {
  test("an element with several values keeps them in order", () => {
    const [manager] = parseBootEntries(
      lines(
        "",
        "Диспетчер загрузки Windows",
        "--------------------",
        "идентификатор           {9dea862c-5cdd-4e70-acc1-f32b344d4795}",
        "device                  partition=\\Device\\HarddiskVolume1",
        "displayorder            {75d876ef-6a3d-11ea-8d71-809133f4eea6}",
        "                        {1F0B7C56-0c1d-11ef-9a3e-806e6f6e6963}",
        "timeout                 30",
        "",
      ),
    );
    expect(manager?.elements.get("displayorder")).toEqual([
      "{75d876ef-6a3d-11ea-8d71-809133f4eea6}",
      "{1F0B7C56-0c1d-11ef-9a3e-806e6f6e6963}",
    ]);
    expect(manager?.elements.get("timeout")).toEqual(["30"]);
  });

  test("an identifier of several words, as in French, is told by its place", () => {
    const output = lines("Chargeur", "--------", "identificateur de l'entrée {current}", "path   \\x.efi");
    expect(parseBootEntries(output).map(({ id }) => id)).toEqual(["{current}"]);
  });

  test.each([
    [
      "an error message",
      "Der Speicher für die Startkonfigurationsdaten konnte nicht geöffnet werden.\nZugriff verweigert",
    ],
    ["nothing", ""],
    ["a heading without an identifier", lines("Windows", "-------", "device   partition=C:")],
    ["a line of another shape", lines("Windows", "-------", "id   {current}", "device: partition=C:")],
  ])("%s is no entry", (_, output) => {
    expect(parseBootEntries(output)).toEqual([]);
  });
});

describe("reagentc", () => {
  const german = (location: string, id: string): string =>
    lines(
      "Informationen zur Konfiguration der Windows-Wiederherstellungsumgebung (Windows RE) und zur",
      "Systemzurücksetzung:",
      "",
      `    Status der Windows-Wiederherstellungsumgebung:            x`,
      `    Pfad der Windows RE:         ${location}`,
      `    ID der Startkonfigurationsdaten (BCD): ${id}`,
      "    Ort des Wiederherstellungsimages:   ",
      "    Index des Wiederherstellungsimages: 0",
    );
  const NONE = "00000000-0000-0000-0000-000000000000";
  const PLACE = "\\\\?\\GLOBALROOT\\device\\harddisk0\\partition4\\Recovery\\WindowsRE";

  test("switched off in German", () => {
    expect(parseRecoveryState(german("", NONE))).toEqual({ enabled: false, location: undefined, bootEntry: undefined });
  });
  test("a place without an entry to start it is not known to be on", () => {
    expect(parseRecoveryState(german(PLACE, NONE))?.enabled).toBeUndefined();
  });
  test("an error message says nothing", () => {
    expect(parseRecoveryState("REAGENTC.EXE: Vorgang fehlgeschlagen: 5")).toBeUndefined();
  });
});

describe("manage-bde", () => {
  const protectors = (heading: string, pcrs: string, remark: string): string =>
    lines(
      "BitLocker-Laufwerkverschlüsselung: Konfigurationstool, Version 10.0.22621",
      "",
      'Volume "C:" []',
      "Alle Schlüsselschutzvorrichtungen",
      "",
      `    ${heading}:`,
      "      ID: {8D5EBA20-3A5B-4F0F-8D0E-0E3C6D0A7B11}",
      "      PCR-Validierungsprofil:",
      `        ${pcrs}`,
      remark,
      "",
      "    Numerisches Kennwort:",
      "      ID: {5C1D0C4E-0000-4F0F-8D0E-0E3C6D0A7B11}",
      "      Kennwort:",
      "        111111-222222-333333-444444-555555-666666-111111-222222",
    );

  test.each([
    ["TPM", "7, 11", "        (Verwendet den sicheren Start für die Integritätsüberprüfung)", "tpm", true],
    ["TPM", "0, 2, 4, 11", "", "tpm", false],
    ["TPM und PIN", "7, 11", "        (x)", "tpm-and-pin", true],
    ["TPM et code PIN ", "0, 2, 4, 11", "", "tpm-and-pin", false],
    ["TPM und Systemstartschlüssel", "0, 2, 4, 11", "", "tpm-and-more", false],
  ])("%s with PCRs %s", (heading, pcrs, remark, kind, usesSecureBoot) => {
    const [first, second] = parseProtectors(protectors(heading, pcrs, remark)) ?? [];
    expect(first).toEqual({ kind, pcrs: pcrs.split(",").map(Number), usesSecureBoot });
    expect(second?.kind).toBe("numerical-password");
  });

  test("a share with a comma, and one before whose number the sign stands", () => {
    const volume = (letter: string, share: string): string =>
      lines(`Volume ${letter}: [Daten]`, "[Datenvolume]", "", `    Verschlüsselt (Prozent): ${share}`, "");
    expect(parseVolumeStatus(volume("C", "100,0 %") + volume("D", "%37,5"))).toEqual([
      { volume: "C:", encryptedPercent: 100 },
      { volume: "D:", encryptedPercent: 37 },
    ]);
  });
});

describe("dism", () => {
  const ROLLUP = "Package_for_RollupFix~31bf3856ad364e35~amd64~~19041.3930.1.4";
  test("a list with states that are all different", () => {
    const row = (identity: string, state: string): string =>
      lines(
        `Package Identity : ${identity}`,
        `State : ${state}`,
        "Release Type : Update",
        "Install Time : 1/9/2024 3:02 AM",
      );
    const output = lines(
      "",
      "Deployment Image Servicing and Management tool",
      "Version: 10.0.19041.3636",
      "",
      "Packages listing:",
      "",
      row(ROLLUP, "Installed"),
      "",
      row("Package_for_KB5034441~31bf3856ad364e35~amd64~~1.0", "Uninstall Pending"),
      "",
      row("not a package", "Installed"),
      "",
      "The operation completed successfully.",
    );
    expect(parsePackages(output).map(({ state }) => state)).toEqual(["installed", "uninstall pending"]);
  });

  test("which articles a cumulative update is about stands in its address alone", () => {
    const info = parsePackageInfo(
      lines(
        "Package information:",
        "",
        `Package Identity : ${ROLLUP}`,
        "Applicable : Yes",
        "Description : Fix for KB5034122",
        "Support Information : https://support.microsoft.com/help/5034123",
        "State : Installed",
        "Custom Properties:",
        "",
        "Description : of a feature, KB1111111",
      ),
    );
    expect(info?.articles).toEqual(["KB5034122", "KB5034123"]);
  });

  test("a longer number is not the article that it begins with", () => {
    expect(articlesIn("KB503412299 and support.microsoft.com/help/503412299")).toEqual([]);
  });
});

describe("the manifest of a package", () => {
  const manifest = (permanence: string): string =>
    `<?xml version="1.0"?><assembly xmlns="urn:schemas-microsoft-com:asm.v3" description="Fix for KB5034441" supportInformation="https://support.microsoft.com/help/5034441"><package identifier="KB5034441" releaseType="Update" restart="possible" ${permanence}><parent/></package></assembly>`;
  test.each([
    ['permanence="permanent"', true],
    ['permanence="removable"', false],
    ["", undefined],
  ])("%s", (permanence, isPermanent) => {
    expect(parseManifest(manifest(permanence))).toEqual({ isPermanent, articles: ["KB5034441"] });
  });
  test("another file is none", () => {
    expect(parseManifest("<html></html>")).toBeUndefined();
  });
});

describe("pnputil", () => {
  test("in French, with a class version between, and dates of another order", () => {
    const output = lines(
      "Utilitaire Microsoft PnP",
      "",
      "Nom publié :         oem7.inf",
      "Nom d’origine :      nvlddmkm.inf",
      "Nom du fournisseur : NVIDIA: Corp",
      "Nom de la classe :   Cartes graphiques",
      "GUID de la classe :  {4d36e968-e325-11ce-bfc1-08002be10318}",
      "Version de classe :  4.0",
      "Version du pilote :  25/03/2024 31.0.15.5176",
      "Nom du signataire :  Microsoft Windows Hardware Compatibility Publisher",
      "",
      "Nom publié :         oem8.inf",
      "Nom d’origine :      halb.inf",
    );
    expect(parseDrivers(output)).toEqual([
      { published: "oem7.inf", original: "nvlddmkm.inf", provider: "NVIDIA: Corp", version: "31.0.15.5176" },
    ]);
  });
  test("in Japanese, with wide colons", () => {
    const output = lines(
      "公開名：     oem12.inf",
      "元の名前：   netx.inf",
      "プロバイダー名：Intel",
      "クラス名：   ネットワーク",
      "ドライバー バージョン：2024/03/25 1.2.3.4",
    );
    expect(parseDrivers(output)).toMatchObject([{ published: "oem12.inf", original: "netx.inf", provider: "Intel" }]);
  });
});

describe("uwfmgr", () => {
  const config = (now: string, next: string): string =>
    lines(
      "Unified Write Filter Configuration Utility version 10.0.19041",
      "Copyright (C) Microsoft Corporation. All rights reserved.",
      "",
      "Current Session Settings for UWF",
      "",
      "FILTER SETTINGS",
      `    Filter state:     ${now}`,
      "    Pending commit:   N/A",
      "",
      "SERVICING SETTINGS",
      "    Servicing State:  OFF",
      "",
      "VOLUME SETTINGS",
      "Volume f3e62e4a-0000-0000-0000-100000000000 [C:]",
      "    Volume state:     Protected",
      "",
      "Next Session Settings for UWF",
      "",
      "FILTER SETTINGS",
      `    Filter state:     ${next}`,
      "",
    );
  test("on now, off after the next start", () => {
    expect(parseWriteFilter(config("ON", "OFF"))).toEqual({ on: true, onAfterRestart: false, volumes: ["C:"] });
  });
  test("a word that is neither is not known", () => {
    expect(parseWriteFilter(config("EIN", "AUS"))?.on).not.toBe(true);
  });
});

test("whoami: the system's account by its identifier, whatever it is called", () => {
  expect(parseOwnSid('"nt-autorität\\system","S-1-5-18"\n')).toBe(LOCAL_SYSTEM_SID);
  expect(parseOwnSid("ERROR: access denied")).toBeUndefined();
});
