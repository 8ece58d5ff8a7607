/** nginx and haproxy in front of the controller as docs/how-to/enrol.md says: TLS 1.3 outside, loopback inside. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openAuthority } from "../../controller/tls/authority.ts";
import type { Instant } from "../../protocol/time.ts";
import { temporaryFolder } from "./temporary-folder.ts";

export const FRONTS = {
  nginx: { binary: "/usr/sbin/nginx", variable: "RINGBACK_NO_NGINX" },
  haproxy: { binary: "/usr/sbin/haproxy", variable: "RINGBACK_NO_HAPROXY" },
} as const;
type FrontName = keyof typeof FRONTS;

export function whyNoFront(name: FrontName): string | undefined {
  const { binary, variable } = FRONTS[name];
  return existsSync(binary) ? undefined : (process.env[variable] ?? `${binary} is not installed`);
}

export interface TlsFront extends AsyncDisposable {
  readonly url: string;
  readonly ca: string;
  readonly caSha256: string;
  /** Did anybody POST to this path? Only nginx is told to write that down. */
  asked(path: string): Promise<boolean>;
}

const READY_WITHIN_MS = 15_000;

interface FrontWish {
  /** nginx passes no upgrade on unless it is told to: with `false` it is not told. */
  readonly passesUpgrades?: boolean;
}

/** @param inner port of the controller on 127.0.0.1 */
export async function startFront(
  name: FrontName,
  inner: number,
  { passesUpgrades = true }: FrontWish = {},
): Promise<TlsFront> {
  const folder = await temporaryFolder();
  const now = Date.now() as Instant;
  const authority = await openAuthority(join(folder.path, "ca"), now);
  const { cert, key } = await authority.issue(["localhost", "127.0.0.1"], 86_400_000, now);
  const at = (file: string): string => join(folder.path, file);
  await writeFile(at("cert.pem"), cert);
  await writeFile(at("key.pem"), key, { mode: 0o600 });
  await writeFile(at("both.pem"), `${cert}${key}\n`, { mode: 0o600 });
  const port = await freePort();
  const conf = await documented(name, folder.path, port, inner);
  await writeFile(at("conf"), passesUpgrades ? conf : conf.replaceAll(UPGRADE_LINES, ""));
  const args =
    name === "nginx" ? ["-c", at("conf"), "-p", folder.path, "-e", at("error.log")] : ["-f", at("conf"), "-db"];
  const child = spawn(FRONTS[name].binary, args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (part: Buffer) => (said += part.toString()));
  if (!(await isReady(child, port))) throw new Error(`${name} did not start: ${said}`);
  return {
    url: `https://localhost:${port}`,
    ca: authority.certificate,
    caSha256: authority.sha256,
    asked: async (path) => (await readFile(at("access.log"), "utf8")).includes(`"POST ${path} `),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) {
        const gone = once(child, "exit");
        child.kill("SIGTERM");
        await gone;
      }
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** The lines of nginx's configuration by which an upgrade gets through. */
const UPGRADE_LINES = /^.*\$(?:http_upgrade|connection_upgrade).*\n/gm;

const HOW_TO = new URL("../../docs/how-to/enrol.md", import.meta.url);

/** What the how-to tells administrators to write, with this test's files and ports in the place of theirs. */
async function documented(name: FrontName, folder: string, port: number, inner: number): Promise<string> {
  const [, snippet] = (await readFile(HOW_TO, "utf8")).split(`\`\`\`${name}\n`);
  const text = snippet?.split("```")[0];
  if (text === undefined) throw new Error(`the how-to shows nothing for ${name}`);
  const replaced = text
    .replace("listen 8443 ssl", `listen 127.0.0.1:${port} ssl`)
    .replace("bind :8443", `bind 127.0.0.1:${port}`)
    .replaceAll("/etc/ringback/", `${folder}/`)
    .replace("127.0.0.1:8480", `127.0.0.1:${inner}`);
  if (/8443|8480|\/etc/.test(replaced)) throw new Error(`the how-to's ${name} is not as this test expects it`);
  return name === "nginx" ? insideNginx(folder, replaced) : replaced;
}

/** As a package installs it, but in one folder and one process, with a log that tests read. */
const insideNginx = (folder: string, server: string): string => `
daemon off; master_process off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 64; }
http {
  access_log ${folder}/access.log;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/f;
  uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
${server}
}
`;

async function isReady(child: ChildProcess, port: number): Promise<boolean> {
  for (const giveUpAt = Date.now() + READY_WITHIN_MS; Date.now() < giveUpAt; await sleep(25)) {
    if (child.exitCode !== null) return false;
    const socket = connect(port, "127.0.0.1");
    const isOpen = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "close").then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (isOpen) return true;
  }
  return false;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("it listens on a port");
  return address.port;
}
