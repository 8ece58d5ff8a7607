/** A real controller and a real agent on a lab machine, each a process: a stop, and a hold. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newBelief } from "../../agent/core/belief.ts";
import { ApiClient } from "../../controller/cli/client.ts";
import { ContentSourceId } from "../../protocol/content.ts";
import { AGENT_PATH } from "../../protocol/frames.ts";
import { Role, Site } from "../../protocol/names.ts";
import { startControllerProcess } from "../support/controller-process.ts";
import { aLabAgent } from "../support/lab-agent.ts";
import { codeOf } from "../support/api-server.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { until } from "../support/until.ts";

test("an agent stops and goes on as approvers say, and holds a source until it is given back", async () => {
  await using data = await temporaryFolder();
  const controller = await startControllerProcess(data.path);
  try {
    const unsigned = new ApiClient({ url: controller.url });
    const { token } = await unsigned.setUp(codeOf(controller.setupLink ?? ""), "Ada Admin");
    const client = new ApiClient({ url: controller.url, token });
    const controllers = [`${controller.agentUrl}${AGENT_PATH}`];
    await using agent = await aLabAgent({ controllers }, newBelief((await client.trust()).digest));
    const [[id, publicKey] = []] = [...agent.controller.keys];
    if (id === undefined || publicKey === undefined) throw new Error("the agent has no key");
    const [site, role] = [Site.parse("Ward 1"), Role.parse("workstation")];
    await client.registerDevice({ id, publicKey, name: "PC-1", site, role });
    const said = async (kind: "emergency" | "hold-changed" | "trust-changed", count: number) =>
      until(`${count} reports of ${kind}`, async () => {
        const { items } = await client.deviceReports(id, { kind });
        return items.length >= count ? items.map(({ body }) => body) : undefined;
      });

    const { inForce } = await client.stopEverything("it spreads"); // before the agent has ever come
    agent.start();
    await said("trust-changed", 1);
    expect(await said("emergency", 1)).toMatchObject([{ state: "stopped" }]);
    const digest = inForce[0]?.word?.statementDigest;
    if (digest === undefined) throw new Error("there is nothing to sign");
    expect((await client.approveResume(digest)).inForce).toEqual([]);
    expect((await said("emergency", 2))[0]).toMatchObject({ state: "resumed" });

    const held = () => readFile(join(agent.folder, "held-sources.json"), "utf8").catch(() => "none");
    const source = ContentSourceId.parse("acme.content-7");
    const hold = await client.makeHold({ source, hours: 4, because: "the update crashes" });
    expect(await held()).toBe("none");
    await client.approveHold(hold.id, hold.statementDigest);
    expect(await said("hold-changed", 1)).toMatchObject([{ state: "held", source }]);
    expect(await held()).toContain(source);
    expect((await client.releaseHold(hold.id)).standing).toBe("released");
    expect((await said("hold-changed", 2))[0]).toMatchObject({ state: "released" });
    expect(await held()).not.toContain(source);

    const foreign = await client.makeHold({
      source: ContentSourceId.parse("other.content"),
      hours: 1,
      because: "this machine has not got it",
    });
    await client.approveHold(foreign.id, foreign.statementDigest);
    const refusals = await until("the refusal", async () => {
      const { items } = await client.refusals();
      return items.length > 0 ? items : undefined;
    });
    expect(refusals).toMatchObject([{ device: id, name: "PC-1", what: "hold", rule: "not-possible-here" }]);
  } finally {
    await controller.kill();
  }
});
