/**
 * Secrets are planted in a real controller and a real agent, and everything that either says or stores in the open is
 * searched for them: logs, answers, addresses, the database with its write-ahead log, and what a crash prints.
 */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SetupAnswer } from "../../protocol/api.ts";
import { startControllerProcess } from "../support/controller-process.ts";
import { aLabAgent } from "../support/lab-agent.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** A secret in the forms in which it could turn up. */
const formsOf = (secret: string): string[] => [
  secret,
  Buffer.from(secret).toString("base64").replaceAll("=", ""),
  Buffer.from(secret).toString("hex"),
  encodeURIComponent(secret),
];
/** The private part of a PEM, without the lines that every such file has. */
const bodyOfPem = (pem: string): string =>
  pem
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("---"))
    .join("");

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

test("planted secrets of a controller and an agent are in no log, answer, address, crash or database", async () => {
  await using folder = await temporaryFolder();
  const said: string[] = [];
  const secrets = new Map<string, string>();
  const plant = (name: string, secret: string): string => {
    secrets.set(name, secret);
    return secret;
  };

  const data = join(folder.path, "data");
  const controller = await startControllerProcess(data, ["--log-level", "trace"], {
    onSaid: (text) => said.push(text),
  });
  const code = plant("set-up code", controller.setupLink?.split("#code=")[1] ?? "");
  const ask = async (
    path: string,
    method = "GET",
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<string> => {
    const json = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
    const answer = await fetch(`${controller.url}${path}`, {
      method,
      headers: { "content-type": "application/json", ...headers },
      ...json,
    });
    return `${answer.url} ${JSON.stringify([...answer.headers])} ${await answer.text()}`;
  };
  const setUp = await ask("/api/v1/setup", "POST", { code, name: "anna" });
  const token = plant("token", SetupAnswer.parse(JSON.parse(setUp.slice(setUp.indexOf('{"')))).token);
  const bearer = { authorization: `Bearer ${token}` };

  // What clients send by mistake, in every place in which they can.
  const mistaken = (n: number): string => plant(`mistaken secret ${n}`, `planted-secret-number-${n}-8c1f`);
  said.push(
    await ask("/api/v1/devices", "GET", undefined, { authorization: `Bearer ${mistaken(1)}` }),
    await ask("/api/v1/devices", "GET", undefined, { authorization: mistaken(2) }),
    await ask("/api/v1/devices", "GET", undefined, { ...bearer, cookie: `session=${mistaken(3)}` }),
    await ask("/api/v1/setup", "POST", { code: mistaken(4), name: "eve" }),
    await ask("/api/v1/setup", "POST", `{"code": "${mistaken(5)}"`),
    await ask("/api/v1/setup", "POST", { code: { nested: mistaken(6) }, name: 7 }),
    await ask("/api/v1/setup", "POST", { code: 1, password: mistaken(7) }),
    await ask("/api/v1/devices", "POST", { publicKey: mistaken(8) }, bearer),
    await ask("/api/v1/trust", "POST", { payload: mistaken(9) }, bearer),
    await ask("/api/v1/plans", "POST", { passphrase: mistaken(10) }, { ...bearer, "x-api-key": mistaken(11) }),
  );
  for (const path of ["session", "overview", "devices", "plans", "rollouts", "incidents", "trust", "nowhere"])
    said.push(await ask(`/api/v1/${path}`, "GET", undefined, bearer));

  // What the controller keeps for itself.
  const keys = join(data, "keys");
  for (const name of await readdir(keys)) {
    const text = await readFile(join(keys, name), "utf8").catch(() => "");
    if (text !== "") plant(`controller's ${name}`, text.includes("---") ? bodyOfPem(text) : text.trim());
  }

  const passwordFile = join(folder.path, "database-url");
  const password = plant("database password", "pass-of-the-database-77aa");
  await writeFile(passwordFile, `postgres://ringback:${password}@127.0.0.1:9/none`);
  await mkdir(join(folder.path, "other"));
  await startControllerProcess(join(folder.path, "other"), [
    "--database-file",
    passwordFile,
    "--log-level",
    "trace",
  ]).then(
    (other) => other.kill(),
    (error: unknown) => said.push(String(error), error instanceof Error ? (error.stack ?? "") : ""),
  );

  await using agent = await aLabAgent();
  plant("device key", bodyOfPem(await readFile(join(agent.state, "device-key.pem"), "utf8")));
  const running = agent.start();
  await agent.controller.until(() => agent.controller.bodies.length > 1);
  running.signal("SIGTERM");
  await running.ended;
  said.push(running.errors(), ...agent.controller.heard.map(({ text }) => text));
  for (const file of await filesBelow(agent.state))
    if (!file.endsWith("device-key.pem")) said.push(await readFile(file, "latin1"));
  // A crash: its records cannot be read, and what it prints of that is all it says.
  await writeFile(
    join(agent.state, "config.json"),
    `{"deviceId": "${plant("in a broken file", "broken-file-secret-55")}"`,
  );
  const crashed = agent.start();
  await crashed.ended;
  said.push(crashed.errors());

  await controller.stop();
  for (const file of await filesBelow(data)) if (!file.startsWith(keys)) said.push(await readFile(file, "latin1"));

  expect(secrets.size).toBeGreaterThanOrEqual(20);
  expect([...secrets].filter(([, secret]) => secret.length < 12).map(([name]) => name)).toEqual([]);
  const all = said.join("\n");
  expect(all.length).toBeGreaterThan(10_000);
  const found = [...secrets].filter(([, secret]) => formsOf(secret).some((form) => all.includes(form)));
  expect(found.map(([name]) => name)).toEqual([]);
});
