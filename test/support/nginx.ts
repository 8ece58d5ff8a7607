/** A real nginx as a reverse proxy with nothing but `proxy_pass`: it passes no upgrade on, which is its default. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { temporaryFolder } from "./temporary-folder.ts";

const ENVIRONMENT = { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin` };

export const hasNginx = (): boolean => spawnSync("nginx", ["-v"], { env: ENVIRONMENT }).status === 0;

export interface Nginx extends AsyncDisposable {
  /** `ws://127.0.0.1:PORT` */
  readonly url: string;
}

export async function startNginx(target: string): Promise<Nginx> {
  const folder = await temporaryFolder();
  const port = await freePort();
  await mkdir(join(folder.path, "temp"));
  const temp = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((of) => `${of}_temp_path temp/${of};`);
  await writeFile(
    join(folder.path, "nginx.conf"),
    `daemon off; worker_processes 1; pid nginx.pid; error_log stderr crit;
events { worker_connections 64; }
http { access_log off; ${temp.join(" ")}
  server { listen 127.0.0.1:${port}; location / { proxy_pass ${target}; } } }`,
  );
  const options = ["-p", folder.path, "-c", "nginx.conf", "-e", "stderr"];
  const nginx = spawn("nginx", options, { env: ENVIRONMENT, stdio: "ignore" });
  const ended = once(nginx, "exit");
  while (!(await listens(port))) {
    if (nginx.exitCode !== null) throw new Error("nginx does not start with this configuration");
    await sleep(20);
  }
  return {
    url: `ws://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      nginx.kill("SIGTERM");
      await ended;
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on a port, not on a pipe
  server.close();
  await once(server, "close");
  return port;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
