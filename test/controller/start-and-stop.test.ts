import { mkdtemp, readdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadStarterKeys, STARTER_FILES } from "../../controller/trust/starter-keys.ts";
import { type ControllerProcess, startControllerProcess } from "../support/controller-process.ts";

let folder: string;
const running: ControllerProcess[] = [];
async function start(data: string, ...options: string[]): Promise<ControllerProcess> {
  const controller = await startControllerProcess(join(folder, data), options);
  running.push(controller);
  return controller;
}
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ringback-start-"));
});
afterEach(async () => {
  for (const controller of running.splice(0)) await controller.kill();
  await rm(folder, { recursive: true, force: true });
});

describe("a controller that cannot start", () => {
  test("because its port is taken says so and ends, so that it does not lead where nobody reaches it", async () => {
    const first = await start("one");
    await expect(start("two", "--port", new URL(first.url).port)).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringContaining("EADDRINUSE") as string,
    });
  });

  test.each([
    ["--silent-after", "soon"],
    ["--lease", "0.2"],
    ["--port", "http"],
    ["--approval-origin", "approve.example.org"],
    ["--approval-origin", "https://approve.example.org/approve"],
  ])("because of %s %s says which option it is", async (option, value) => {
    await expect(start("one", option, value)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(new RegExp(`^Ringback could not start.\n${option} takes `)) as string,
    });
  });
});

test("a peer that never finishes its request does not keep the controller from stopping", async () => {
  const controller = await start("one");
  const { port, hostname } = new URL(controller.url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  socket.write("GET /api/v1/overview HTTP/1.1\r\nHost: 127.0.0.1\r\n");
  // The controller answers another request after this one: by then it has read the beginning.
  await fetch(`${controller.url}/api/v1/openapi.json`).then((answer) => answer.arrayBuffer());
  expect(await controller.stop()).toBe(0);
  socket.destroy();
});

test("two that make the keys at once use the same ones, and leave no other copy", async () => {
  const [a, b] = await Promise.all([loadStarterKeys(folder, true), loadStarterKeys(folder, true)]);
  const publicKeys = ({ roots, policyHolders, approvers, online }: typeof a) =>
    [roots, policyHolders, approvers, online].map((key) => key?.publicKey);
  expect(publicKeys(a)).toEqual(publicKeys(b));
  expect(publicKeys(await loadStarterKeys(folder, false))).toEqual(publicKeys(a));
  expect((await readdir(folder)).sort()).toEqual(["online.pem", ...Object.values(STARTER_FILES)].sort());
});
