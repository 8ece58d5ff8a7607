import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CliResult, cli } from "../support/cli-run.ts";
import { anEvidenceBundle, DEVICES, TRUST_ROOT } from "../support/an-evidence-bundle.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "ringback-evidence-"));
});
afterEach(() => rmSync(home, { recursive: true }));

function verify(bundle: unknown, ...more: string[]): Promise<CliResult> {
  const file = join(home, "bundle.json");
  writeFileSync(file, typeof bundle === "string" ? bundle : JSON.stringify(bundle));
  return cli(["evidence", "verify", file, "--trust-root", TRUST_ROOT, ...more], { home });
}

describe("ringback evidence verify", () => {
  test("needs no controller: says what is proved, what is not, and who never answered", async () => {
    const { code, stdout, stderr } = await verify(anEvidenceBundle());
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^HOLDS: /);
    expect(stdout).toContain("1 succeeded, 1 not-applicable, 1 unfinished");
    expect(stdout).toContain(`${DEVICES[2]} signed no last receipt; counts as silent`);
    expect(stdout).toContain("not proved by this: that the key is the machine's");
  });

  test("says which check fails and for which device, also to a program", async () => {
    const lie = anEvidenceBundle((body) => void body.devices[0]?.orders[0]?.steps.shift());
    const shown = await verify(lie);
    expect(shown.code).toBe(1);
    expect(shown.stdout).toMatch(
      new RegExp(`^DOES NOT HOLD[^]*✖ receipts[^]*${DEVICES[0]}: receipt 1 does not follow`),
    );
    const told = JSON.parse((await verify(lie, "--json")).stdout) as { holds: boolean };
    expect(told).toMatchObject({ holds: false, devices: [{ deviceId: DEVICES[0] }, {}, {}] });
  });

  test("refuses a root that is none, and a file that is no bundle", async () => {
    expect((await cli(["evidence", "verify", "x", "--trust-root", "abc"], { home })).code).toBe(2);
    for (const other of ["", "[]", '{"body":{}}', { ...anEvidenceBundle(), more: 1 }]) {
      expect(await verify(other)).toMatchObject({
        code: 2,
        stdout: "",
        stderr: expect.stringContaining("no evidence bundle") as string,
      });
    }
  });

  test("what a hostile controller names forges no line", async () => {
    const { stdout } = await verify(
      anEvidenceBundle((body) => Object.assign(body, { exportedBy: 'Ada" and\u200b all good' })),
    );
    expect(stdout).toContain('by "Ada[U+0022] and[U+200B] all good"');
  });
});
