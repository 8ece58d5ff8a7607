/** A real HTTP proxy, as offices have one, with what it wrote down: the proof that something went through it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { temporaryFolder } from "./temporary-folder.ts";
import { until } from "./until.ts";

const BINARY = "/usr/bin/tinyproxy";

/** Undefined where it is. */
export const whyNoTinyproxy = (): string | undefined =>
  existsSync(BINARY) ? undefined : (process.env["RINGBACK_NO_TINYPROXY"] ?? `${BINARY} is not installed`);

export interface Tinyproxy extends AsyncDisposable {
  /** http://127.0.0.1:PORT */
  readonly url: string;
  /** Everything it was asked for, as `CONNECT 127.0.0.1:443`, oldest first. */
  asked(): Promise<readonly string[]>;
  /** Ends it, and every connection through it. */
  down(): Promise<void>;
  /** At the same address again. */
  up(): Promise<void>;
}

/** @param lines more of its configuration, as `ConnectPort 443` or `BasicAuth name password` */
export async function startTinyproxy(...lines: readonly string[]): Promise<Tinyproxy> {
  const folder = await temporaryFolder();
  const port = await freePort();
  const log = join(folder.path, "log");
  const conf = join(folder.path, "conf");
  const common = [`Port ${port}`, "Listen 127.0.0.1", "Allow 127.0.0.1", "Timeout 600", "MaxClients 50"];
  await writeFile(conf, [...common, `LogFile "${log}"`, "LogLevel Connect", ...lines, ""].join("\n"));
  let child: ChildProcess | undefined;
  const proxy: Tinyproxy = {
    url: `http://127.0.0.1:${port}`,
    async asked() {
      const text = await readFile(log, "utf8");
      return [...text.matchAll(/Request \(file descriptor \d+\): (\w+ \S+)/g)].map(([, asked]) => asked ?? "");
    },
    async down() {
      if (child === undefined || child.exitCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
    async up() {
      const started = spawn(BINARY, ["-d", "-c", conf], { stdio: "ignore" });
      child = started;
      await until("the proxy listens", async () => {
        if (started.exitCode !== null) throw new Error(`tinyproxy ended with ${started.exitCode}`);
        return (await listens(port)) || undefined;
      });
    },
    async [Symbol.asyncDispose]() {
      await proxy.down();
      await folder[Symbol.asyncDispose]();
    },
  };
  await proxy.up();
  return proxy;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on a port, not on a pipe
  server.close();
  await once(server, "close");
  return port;
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
