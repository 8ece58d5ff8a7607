/** The API as it runs, over real HTTP on a free port of loopback, in front of a fake controller or any other. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { randomBytes } from "node:crypto";
import { pino } from "pino";
import type { Sha256 } from "../../protocol/canonical.ts";
import type { Instant } from "../../protocol/time.ts";
import { createAccess } from "../../controller/access/tokens.ts";
import { type ApiLimits, createApi } from "../../controller/api/api.ts";
import { LOOPBACK_HOSTS } from "../../controller/api/hosts.ts";
import type { Administration } from "../../controller/ports/administration.ts";
import type { AccessStore } from "../../controller/store/access.ts";
import { fakeAdministration, type FakeAdministration } from "./fake-administration.ts";

/** What storage keeps of codes and tokens, in memory. */
export class MemoryAccessStore implements AccessStore {
  readonly codes = new Map<Sha256, Instant>();
  readonly tokens = new Map<Sha256, string>();

  async addSetupCode(hash: Sha256, expiresAt: Instant): Promise<void> {
    this.codes.set(hash, expiresAt);
  }

  async redeemSetupCode(hash: Sha256, now: Instant, token: { hash: Sha256; name: string }): Promise<boolean> {
    const expiresAt = this.codes.get(hash);
    if (expiresAt === undefined || expiresAt <= now) return false;
    this.codes.delete(hash);
    this.tokens.set(token.hash, token.name);
    return true;
  }

  async isSetUp(): Promise<boolean> {
    return this.tokens.size > 0;
  }

  async tokenOwner(hash: Sha256): Promise<string | undefined> {
    return this.tokens.get(hash);
  }
}

export interface ApiServerOptions<Served extends Administration> {
  readonly administration?: Served;
  readonly store?: AccessStore;
  readonly consoleFolder?: string;
  readonly allowedHosts?: readonly string[];
  readonly limits?: Partial<ApiLimits>;
  /** As the administrator names it. */
  readonly approvalOrigin?: string;
}

export interface ApiServer<Served extends Administration> {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  readonly administration: Served;
  /** What was logged, as JSON lines. */
  readonly logged: readonly string[];
  /** A new set-up link, as the terminal shows it. */
  setupLink(): Promise<string>;
  /** The token of someone who is set up already. */
  signIn(name?: string): Promise<string>;
  /** A graceful stop. */
  close(): Promise<void>;
}

export async function startApi(options?: ApiServerOptions<FakeAdministration>): Promise<ApiServer<FakeAdministration>>;
export async function startApi<Served extends Administration>(
  options: ApiServerOptions<Served> & { readonly administration: Served },
): Promise<ApiServer<Served>>;
export async function startApi(options: ApiServerOptions<Administration> = {}): Promise<ApiServer<Administration>> {
  const administration = options.administration ?? fakeAdministration();
  const store = options.store ?? new MemoryAccessStore();
  const now = (): Instant => Date.now() as Instant;
  const access = createAccess(store, now, randomBytes);
  const stopping = new AbortController();
  const logged: string[] = [];
  const app = createApi({
    administration,
    access,
    log: pino({ level: "debug" }, { write: (line: string) => void logged.push(line) }),
    version: "0.0.0-test",
    now,
    allowedHosts: options.allowedHosts ?? LOOPBACK_HOSTS,
    approvalOrigin: () => options.approvalOrigin ?? "http://approve.localhost:8480",
    ...(options.approvalOrigin === undefined ? {} : { namedApprovalOrigin: options.approvalOrigin }),
    stopping: stopping.signal,
    ...(options.consoleFolder === undefined ? {} : { consoleFolder: options.consoleFolder }),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  const server = createServer(app);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on a port, not on a pipe
  const url = `http://127.0.0.1:${port}`;
  const setupLink = (): Promise<string> => access.makeSetupLink(url);
  return {
    url,
    port,
    administration,
    logged,
    setupLink,
    async signIn(name = "Ada Admin") {
      const redeemed = await access.setUp(codeOf(await setupLink()), name);
      if (redeemed === undefined) throw new Error("a new code was refused");
      return redeemed.token;
    },
    async close() {
      stopping.abort();
      server.close();
      server.closeIdleConnections();
      await once(server, "close");
    },
  };
}

export const codeOf = (link: string): string => new URL(link).hash.slice("#code=".length);
