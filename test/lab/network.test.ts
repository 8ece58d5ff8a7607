import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MachineNetwork } from "./network.ts";

let controller: Server;
let network: MachineNetwork;

beforeEach(async () => {
  controller = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => undefined);
    socket.pipe(socket);
  });
  controller.listen(0, "127.0.0.1");
  await once(controller, "listening");
  const address = controller.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  network = await MachineNetwork.create({ host: "127.0.0.1", port: address.port });
});
afterEach(async () => {
  await network.close();
  controller.close();
});

test("while there is no network, a connection is reset and nothing goes through", async () => {
  const socket = connect({ host: "127.0.0.1", port: network.port });
  socket.write("is anybody there?");
  await expect(once(socket, "data")).rejects.toMatchObject({ code: "ECONNRESET" });
});

test("while there is network, bytes go both ways and a farewell arrives", async () => {
  network.up();
  const socket = connect({ host: "127.0.0.1", port: network.port });
  socket.write("hello");
  expect(String((await once(socket, "data"))[0])).toBe("hello");
  socket.end("goodbye");
  expect(String((await once(socket, "data"))[0])).toBe("goodbye");
  await once(socket, "end");
});

test("when the network goes, open connections are cut on both sides", async () => {
  network.up();
  const arrived = once(controller, "connection");
  const socket = connect({ host: "127.0.0.1", port: network.port });
  socket.write("hello");
  await once(socket, "data");
  const [far] = (await arrived) as [Socket];
  const farClosed = new Promise((resolve) => far.once("close", resolve));
  const nearFault = once(socket, "data").catch((error: unknown) => error);
  network.down();
  expect(await nearFault).toMatchObject({ code: "ECONNRESET" });
  await farClosed;
});
