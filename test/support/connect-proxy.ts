/** What answers CONNECT as a test says, for answers that no real proxy can be made to give on demand. */
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

export interface ConnectProxy extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** What was asked for, as HOST:PORT. */
  readonly asked: readonly string[];
}

/** @param answer to CONNECT, as it goes over the line; a port: all tunnels lead there, whatever they are for */
export async function startConnectProxy(answer: string | number): Promise<ConnectProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
  });
  server.on("connect", (incoming, socket: Socket) => {
    asked.push(incoming.url ?? "");
    if (typeof answer === "string") return void socket.write(answer);
    const target = connect(answer, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      target.pipe(socket).pipe(target);
    });
    sockets.add(target);
    target.on("error", () => socket.destroy());
    socket.on("close", () => target.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on a port, not on a pipe
  return {
    host: "127.0.0.1",
    port,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
