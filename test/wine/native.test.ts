/** Wine itself, and the native library in it: what all other tests of this lane stand on. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WineMachine, whyNoWine } from "../support/wine.ts";

describe.skipIf(whyNoWine() !== undefined)("the native library under Wine", () => {
  let machine: WineMachine;
  beforeAll(async () => {
    machine = await WineMachine.create();
  });
  afterAll(() => machine?.remove());

  test("calls a function of Windows, again after the power went", async () => {
    const ticks = async (): Promise<number> => Number((await machine.node("test/wine/programs/ticks.ts")).output);
    expect(await ticks()).toBeGreaterThan(0);
    await machine.powerOff();
    await machine.powerOn();
    expect(await ticks()).toBeGreaterThan(0);
  });
});
