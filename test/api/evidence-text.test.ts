import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { evidenceText } from "../../controller/api/evidence-text.ts";
import { anEvidenceBundle } from "../support/an-evidence-bundle.ts";

test.each([0, 1, 100, 101, 250])("a bundle of %i devices in pieces is the same JSON as in one", async (count) => {
  const bundle = anEvidenceBundle((body) => {
    const [device] = body.devices;
    body.devices = Array.from(
      { length: count },
      (_, i) => ({ ...device, name: `pc "${i}"` }) as typeof device & object,
    );
  });
  expect(JSON.parse(await text(evidenceText(bundle)))).toEqual(bundle);
});
