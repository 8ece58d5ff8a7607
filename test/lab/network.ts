/**
 * A machine's network: a port of its own on loopback that leads to the controller while the machine has network.
 *
 * While it has none, whoever connects is reset at once and no byte goes through; a death cuts what is open. The port
 * itself stays taken, so that no other program on the computer can be given it in between.
 */
import { connect, createServer, type Server, type Socket } from "node:net";

export class MachineNetwork {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #target: { readonly host: string; readonly port: number };
  #isUp = false;

  private constructor(server: Server, port: number, target: { readonly host: string; readonly port: number }) {
    this.#server = server;
    this.port = port;
    this.#target = target;
    server.on("connection", (socket) => {
      this.#accept(socket);
    });
  }

  /** @param target where the controller listens */
  static async create(target: { readonly host: string; readonly port: number }): Promise<MachineNetwork> {
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
    return new MachineNetwork(server, address.port, target);
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  up(): void {
    this.#isUp = true;
  }

  /** Cuts everything that is open, without a farewell: the other side sees a reset, as it would after a crash. */
  down(): void {
    this.#isUp = false;
    for (const socket of this.#sockets) socket.resetAndDestroy();
    this.#sockets.clear();
  }

  async close(): Promise<void> {
    this.down();
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }

  #accept(near: Socket): void {
    near.on("error", () => undefined); // the close that follows is what counts
    if (!this.#isUp) {
      near.resetAndDestroy();
      return;
    }
    const far = connect({ ...this.#target, allowHalfOpen: true });
    far.on("error", () => undefined);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      socket.setNoDelay(true);
      this.#sockets.add(socket);
      socket.on("close", (hadError) => {
        this.#sockets.delete(socket);
        if (hadError) other.destroy();
        else other.end();
      });
      socket.pipe(other);
    }
  }
}
