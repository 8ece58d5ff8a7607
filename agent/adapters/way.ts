/** How this agent gets to its controllers and whom it believes there: the same for sockets, requests and enrolment. */
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { connectPinned } from "./pinned-tls.ts";
import type { OpenLine } from "./proxy/line.ts";

export interface Way {
  readonly open: OpenLine;
  /**
   * PEM of the authority that was pinned at enrolment. With it the system's own authorities count for nothing; without it
   * no TLS connection is made at all.
   */
  readonly ca: string | undefined;
}

type Handed = (error: Error | null, socket: Duplex) => void;
type Connect = (options: unknown, done?: Handed) => undefined;

/** For Node's HTTP client, in the place of its own way to connect; TLS is made and verified before it has the socket. */
export function connectionOver(url: string, { open, ca }: Way): Connect {
  const { protocol, hostname, port } = new URL(url);
  const isSecure = protocol === "wss:" || protocol === "https:";
  const at = port === "" ? (isSecure ? 443 : 80) : Number(port);
  const connect = async (): Promise<Socket> =>
    isSecure ? connectPinned(open, hostname, at, ca) : (await open(hostname, at)).socket;
  const handOver = async (done: Handed): Promise<void> => {
    let socket: Socket;
    try {
      socket = await connect();
    } catch (error) {
      // Node looks at no socket where there is an error.
      done(error instanceof Error ? error : new Error(String(error)), undefined as never);
      return;
    }
    done(null, socket);
  };
  return (_options, done) => {
    if (done !== undefined) void handOver(done);
    return undefined;
  };
}
