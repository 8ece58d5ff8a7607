/**
 * The one place where the agent connects to anything: directly, or through a proxy that the settings or the machine name.
 *
 * What comes back is bytes to the controller either way; TLS is made over it by whoever asked, and nothing here decides
 * whom to believe.
 */
import { connect, type Socket } from "node:net";
import { authorityOf, nameOf, openTunnel, type Proxy } from "./tunnel.ts";
import { isBypassed } from "./bypass.ts";

const CONNECT_MS = 15_000;

interface Line {
  readonly socket: Socket;
  /** HOST:PORT of the proxy that it goes through. */
  readonly proxy: string | undefined;
}
/** @throws ProxyFault, or what the network says. @param host with or without brackets */
export type OpenLine = (host: string, port: number) => Promise<Line>;

/** What the machine itself is set to. */
export interface SystemProxy {
  /** Proxies to try in turn for this address; none: it is reached directly. Fast, and never rejects. */
  named(host: string, port: number): Promise<readonly Proxy[]>;
  /**
   * Asks the network which proxies there are, where the machine is set to none. Takes seconds, and is asked only when
   * the controller was not reached directly. Never rejects.
   */
  discovered(host: string, port: number): Promise<readonly Proxy[]>;
}

export interface ProxySettings {
  readonly proxy: string;
  readonly proxyBypass: readonly string[];
}

/** @param system undefined: this kind of machine has no such setting */
export function lines({ proxy, proxyBypass }: ProxySettings, system: SystemProxy | undefined): OpenLine {
  const direct = async (host: string, port: number): Promise<Line> => ({
    socket: await connected(host, port),
    proxy: undefined,
  });
  return async (given, port) => {
    const host = given.replace(/^\[(.*)\]$/, "$1");
    if (proxy === "none" || isBypassed(host, proxyBypass)) return direct(host, port);
    if (proxy !== "system") return through([proxyAt(proxy)], host, port);
    const named = (await system?.named(host, port)) ?? [];
    if (named.length > 0) return through(named, host, port);
    try {
      return await direct(host, port);
    } catch (error) {
      const discovered = (await system?.discovered(host, port)) ?? [];
      if (discovered.length === 0) throw error;
      return through(discovered, host, port);
    }
  };
}

/** @param url as http://proxy.example:3128; `PROXY_URL` in config.ts says what may stand there */
function proxyAt(url: string): Proxy {
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[(.*)\]$/, "$1"), port: port === "" ? 80 : Number(port) };
}

/** The first that makes a tunnel; if none does, what the last one said. */
async function through(proxies: readonly Proxy[], host: string, port: number): Promise<Line> {
  let fault: unknown;
  for (const proxy of proxies) {
    try {
      return { socket: await openTunnel(proxy, host, port, CONNECT_MS), proxy: nameOf(proxy) };
    } catch (error) {
      fault = error;
    }
  }
  throw fault;
}

function connected(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const timer = setTimeout(() => socket.destroy(new Error(`${authorityOf(host, port)} does not answer`)), CONNECT_MS);
    socket.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.on("error", () => undefined); // whoever uses it sees it close
      resolve(socket);
    });
  });
}
