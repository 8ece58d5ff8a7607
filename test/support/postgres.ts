/**
 * A PostgreSQL of the test's own: new data directory, free loopback port, random password.
 *
 * Durability is left as PostgreSQL ships it (fsync on), because what the tests ask is what survives.
 * Only sizes are cut down. Several may run at once; `stop` ends the server it belongs to and no other.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";

export interface Postgres {
  readonly url: string;
  stop(): Promise<void>;
}

/** Whom the server runs as. PostgreSQL refuses to run as root, so root lends it Debian's `postgres`. */
interface Owner {
  readonly uid?: number;
  readonly gid?: number;
}

const DEBIAN_POSTGRES = "/usr/lib/postgresql";
const STARTS_MAX = 5; // a free port may be taken by another before the server has it
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 20_000;

/** Why there is no PostgreSQL here, for `test.skipIf`; undefined where there is one. */
export function whyNoPostgres(): string | undefined {
  if (binaries() !== undefined) return undefined;
  return process.env["RINGBACK_NO_POSTGRES"] ?? `no server below ${DEBIAN_POSTGRES}`;
}

/** @param settings of the server, by name; for a benchmark, which wants the sizes of a real one */
export async function startPostgres(settings: Readonly<Record<string, string>> = {}): Promise<Postgres> {
  const bin = binaries();
  if (bin === undefined) throw new Error(whyNoPostgres());
  const owner = serverOwner();
  for (let starts = 1; ; starts++) {
    const home = mkdtempSync(join(tmpdir(), "ringback-postgres-"));
    try {
      const password = randomBytes(16).toString("hex");
      initialise(bin, home, password, owner);
      const port = await freePort();
      const url = `postgres://ringback:${password}@127.0.0.1:${port}/postgres`;
      const server = launch(bin, home, owner, { port: String(port), ...settings });
      if (await isReady(server, url)) return { url, stop: () => stop(server) };
      await stop(server);
      if (starts === STARTS_MAX) throw new Error(`PostgreSQL did not start: ${server.log.join("")}`);
    } catch (error) {
      rmSync(home, { recursive: true, force: true });
      throw error;
    }
  }
}

/** The newest version installed. */
function binaries(): string | undefined {
  if (!existsSync(DEBIAN_POSTGRES)) return undefined;
  return readdirSync(DEBIAN_POSTGRES)
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => join(DEBIAN_POSTGRES, version, "bin"))
    .find((folder) => existsSync(join(folder, "postgres")));
}

function serverOwner(): Owner {
  if (process.getuid?.() !== 0) return {};
  const id = (option: string): number => Number(execFileSync("id", [option, "postgres"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

function initialise(bin: string, home: string, password: string, owner: Owner): void {
  const passwordFile = join(home, "password");
  writeFileSync(passwordFile, password);
  chmodSync(passwordFile, 0o600);
  if (owner.uid !== undefined && owner.gid !== undefined) {
    for (const path of [home, passwordFile]) chownSync(path, owner.uid, owner.gid);
  }
  const args = ["-D", join(home, "data"), "-U", "ringback", "-A", "scram-sha-256", "--pwfile", passwordFile];
  execFileSync(join(bin, "initdb"), [...args, "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions"], {
    ...owner,
    cwd: home,
    stdio: ["ignore", "ignore", "pipe"],
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return address.port;
}

/**
 * Runs the server for as long as standard input stays open, so that it never outlives the test: the
 * system closes the pipe however the test process ends. Then ends it in good order ("fast" shutdown,
 * with a checkpoint) and removes its files.
 */
const SUPERVISE = `
home=$1; shift
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
exec 2>/dev/null
{ read -r _ <&3; kill -INT "$server"; } &
watcher=$!
wait "$server"
kill "$watcher"
rm -rf "$home"
`;

interface Server {
  readonly supervisor: ChildProcess;
  readonly home: string;
  readonly log: string[];
  readonly exited: Promise<void>;
}

function launch(bin: string, home: string, owner: Owner, given: Readonly<Record<string, string>>): Server {
  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    shared_buffers: "32MB",
    max_wal_size: "256MB",
    ...given,
  };
  const server = [join(bin, "postgres"), "-D", join(home, "data")];
  server.push(...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]));
  const supervisor = spawn("/bin/sh", ["-c", SUPERVISE, "supervise", home, ...server], {
    ...owner,
    cwd: home,
    detached: true, // Ctrl-C on the test run is for the test run
    stdio: ["pipe", "ignore", "pipe"],
  });
  const log: string[] = [];
  supervisor.stderr.setEncoding("utf8").on("data", (line: string) => log.push(line));
  supervisor.stdin.on("error", () => {}); // it ended by itself; `exited` says so
  const exited = new Promise<void>((resolve) => {
    supervisor.once("exit", () => resolve());
    supervisor.once("error", (error) => {
      log.push(error.message);
      resolve();
    });
  });
  return { supervisor, home, log, exited };
}

async function isReady({ exited }: Server, url: string): Promise<boolean> {
  let ended = false;
  void exited.then(() => (ended = true));
  for (const giveUpAt = Date.now() + READY_WITHIN_MS; !ended && Date.now() < giveUpAt; await sleep(50)) {
    const client = new Client({ connectionString: url });
    client.on("error", () => {}); // the connection is thrown away either way
    try {
      await client.connect();
      return true; // with our password: it is our server, not another one on the same port
    } catch {
      // not yet
    } finally {
      await client.end().catch(() => {});
    }
  }
  return false;
}

async function stop({ supervisor, home, exited }: Server): Promise<void> {
  supervisor.stdin?.end();
  const patience = setTimeout(() => {
    if (supervisor.pid !== undefined) process.kill(-supervisor.pid, "SIGQUIT"); // its own process group
  }, STOP_WITHIN_MS);
  await exited;
  clearTimeout(patience);
  rmSync(home, { recursive: true, force: true });
}
