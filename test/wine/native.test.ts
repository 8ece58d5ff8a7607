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
    const told = { exitCode: 0, output: expect.stringMatching(/^[1-9]\d*\n$/) as string };
    expect(await machine.node("test/wine/programs/ticks.ts")).toEqual(told);
    await machine.powerOff();
    await machine.powerOn();
    expect(await machine.node("test/wine/programs/ticks.ts")).toEqual(told);
  });
});
