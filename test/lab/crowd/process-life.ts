/**
 * One life of an agent's process among others in this one. Invariant: at its death everything it had under way stops between
 * two awaits, as with a power cut: timers do not ring, its connections are reset, and what it waited for never comes.
 */
import { connect, type Socket } from "node:net";
import type { OpenLine } from "../../../agent/adapters/proxy/line.ts";

export class ProcessLife {
  #isAlive = true;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #sockets = new Set<Socket>();

  get isAlive(): boolean {
    return this.#isAlive;
  }

  end(): void {
    this.#isAlive = false;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.cutLines();
  }

  /** The network goes; whoever is at the other end hears no farewell. */
  cutLines(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
    this.#sockets.clear();
  }

  /** Milliseconds of the wall. */
  after(ms: number, call: () => void): () => void {
    if (!this.#isAlive) return () => undefined;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      call();
    }, ms);
    this.#timers.add(timer);
    return () => {
      clearTimeout(timer);
      this.#timers.delete(timer);
    };
  }

  /** The value for the living; the dead wait for ever. */
  give<Value>(value: Value): Promise<Value> {
    return this.#isAlive ? Promise.resolve(value) : new Promise<never>(() => undefined);
  }

  /** @param localAddress where the connection comes from, as the controller sees it */
  lines(localAddress: string, isOnline: () => boolean): OpenLine {
    return async (host, port) => {
      if (!this.#isAlive || !isOnline()) throw new Error("this machine has no network now");
      const socket = await connected(host, port, localAddress);
      if (!this.#isAlive || !isOnline()) {
        socket.resetAndDestroy();
        throw new Error("this machine has no network any more");
      }
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
      return { socket, proxy: undefined };
    };
  }
}

const connected = (host: string, port: number, localAddress: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host, port, localAddress, noDelay: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      socket.on("error", () => undefined); // whoever uses it sees it close
      resolve(socket);
    });
  });
