/** The machine's proxy as Wine's WinHTTP keeps it: the calls and their layouts, which are those of Windows. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WineMachine, whyNoWine } from "../support/wine.ts";

describe.skipIf(whyNoWine() !== undefined)("the machine's proxy under Wine", () => {
  let machine: WineMachine;
  beforeAll(async () => {
    machine = await WineMachine.create();
  });
  afterAll(() => machine?.remove());

  test("is found as it was set, and none once it is taken away; a network that knows none is asked in vain", async () => {
    const named = [{ host: "proxy.example", port: 3128 }];
    const cases = [
      { proxies: "proxy.example:3128", bypass: "<local>;*.corp.example", host: "controller.example" },
      { proxies: "http=a.example;https=proxy.example:3128", bypass: null, host: "controller.example" },
      { proxies: "proxy.example:3128", bypass: "<local>;*.corp.example", host: "controller.corp.example" },
      { proxies: null, bypass: null, host: "controller.example" },
    ];
    const { output } = await machine.node("test/wine/programs/proxy.ts", [JSON.stringify(cases)]);
    const { found, discovered } = JSON.parse(output) as { found: { raw: unknown; named: unknown }[]; discovered: [] };
    expect(found.map((one) => one.named)).toEqual([named, named, [], []]);
    expect(found[0]?.raw).toEqual({ proxies: "proxy.example:3128", bypass: "<local>;*.corp.example" });
    expect(found[3]?.raw).toBeNull();
    expect(discovered).toEqual([]);
  });
});
