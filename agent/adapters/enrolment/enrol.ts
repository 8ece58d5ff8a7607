/**
 * Enrolment: the device makes its id and key, finds the controller it was told of, and asks to be known.
 *
 * Nothing is sent before the pinned authority has been found and the connection verified against it alone. Settings are
 * written when the controller has answered, and the token goes last: whatever is cut off in between is simply done again,
 * with the same key, which takes no second use of a token.
 */
import { randomBytes } from "node:crypto";
import { mkdir, readFile, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import {
  EnrolmentAnswer,
  EnrolmentClaim,
  ENROLMENT_PATH,
  enrolmentBytes,
  EnrolmentToken,
} from "../../../protocol/enrolment.ts";
import { AGENT_PATH, CHANNEL } from "../../../protocol/frames.ts";
import { type DeviceId, newId } from "../../../protocol/ids.ts";
import type { Instant } from "../../../protocol/time.ts";
import { type AgentConfigInput, parseConfig, proxySettings } from "../../config.ts";
import { FILES } from "../files.ts";
import { createDeviceKey, type DeviceKey, readDeviceKey } from "../keys.ts";
import { httpRequest } from "../node-http.ts";
import { connectPinned, fetchPinnedCa } from "../pinned-tls.ts";
import { lines, type OpenLine, type SystemProxy } from "../proxy/line.ts";
import { replaceFile } from "../replace-file.ts";
import { readConfig } from "../state-folder.ts";
import { installTrust } from "./install-trust.ts";
import type { EnrolmentSettings } from "./settings.ts";

const ANSWER_MS = 30_000;
const ANSWER_BYTES_MAX = 16 * 1024 * 1024;

/** The controller did not take the device. `isFinal`: asking again without doing something will not help. */
export class EnrolmentRefused extends Error {
  override readonly name = "EnrolmentRefused";
  readonly code = "enrolment-refused";
  readonly isFinal: boolean;
  constructor(message: string, isFinal: boolean) {
    super(message);
    this.isFinal = isFinal;
  }
}

export interface Enrolled {
  readonly id: DeviceId;
  readonly standing: EnrolmentAnswer["standing"];
  readonly controller: string;
}

/** @throws ControllerNotTrusted, EnrolmentRefused, ConfigInvalid, or what network and disk say */
export async function enrol(
  folder: string,
  settings: EnrolmentSettings,
  system: SystemProxy | undefined,
): Promise<Enrolled> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const token = await readToken(settings.tokenFile);
  const key = await deviceKey(join(folder, FILES.key));
  const faults: unknown[] = [];
  const open = lines(proxySettings(settings.config), system);
  for (const controller of settings.controllers) {
    try {
      return await enrolAt(open, folder, settings, controller, token, key);
    } catch (error) {
      if (error instanceof EnrolmentRefused) throw error;
      faults.push(error);
    }
  }
  throw faults.length === 1 ? faults[0] : new AggregateError(faults, faults.map(String).join("\n"));
}

async function enrolAt(
  open: OpenLine,
  folder: string,
  settings: EnrolmentSettings,
  controller: string,
  token: EnrolmentToken,
  key: DeviceKey,
): Promise<Enrolled> {
  const { hostname: host, port: given } = new URL(controller);
  const port = given === "" ? 443 : Number(given);
  const { group, binding, image, pins } = settings;
  const ca = await fetchPinnedCa(open, host, port, pins.caSha256);
  const socket = await connectPinned(open, host, port, ca);
  try {
    const claim = EnrolmentClaim.parse({
      token,
      deviceId: (await knownId(folder)) ?? newId("dev", Date.now() as Instant, randomBytes(10)),
      publicKey: key.publicKey,
      name: settings.name ?? hostname().slice(0, 63),
      group,
      binding,
      ...(image === undefined ? {} : { image }),
    });
    const channel = binding === "direct" ? channelOf(socket) : "";
    const signature = Buffer.from(key.sign(enrolmentBytes(claim, channel))).toString("base64");
    const answer = EnrolmentAnswer.parse(await post(socket, new URL(controller).host, { claim, signature }));

    const config: AgentConfigInput = {
      ...settings.config,
      deviceId: answer.deviceId,
      controllers: settings.controllers.map((url) => new URL(AGENT_PATH, url.replace(/^https/, "wss")).href),
      caFile: FILES.ca,
      binding,
    };
    const text = JSON.stringify(config, undefined, 2);
    parseConfig(text, "the settings");
    await replaceFile(join(folder, FILES.ca), ca);
    await replaceFile(join(folder, FILES.pins), `${JSON.stringify(pins, undefined, 2)}\n`);
    await installTrust(folder, pins.trustRootSha256, answer);
    await replaceFile(join(folder, FILES.config), `${text}\n`);
    // On a share, a machine may read the token of many without the right to remove it. Enrolled it is all the same.
    await rm(settings.tokenFile, { force: true }).catch(() => undefined);
    return { id: answer.deviceId, standing: answer.standing, controller };
  } finally {
    socket.destroy();
  }
}

/** RFC 8446 7.5: what both ends of this connection, and nobody else, can compute. */
const channelOf = (socket: TLSSocket): string =>
  socket.exportKeyingMaterial(CHANNEL.bytes, CHANNEL.label, Buffer.alloc(0)).toString("base64");

/** The token travels in the body: an address ends up in logs. */
function post(socket: TLSSocket, host: string, body: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const text = JSON.stringify(body);
    const headers = { Host: host, "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) };
    const sent = httpRequest(
      { method: "POST", path: ENROLMENT_PATH, headers, createConnection: () => socket },
      (response) => {
        const parts: Buffer[] = [];
        let size = 0;
        response.on("data", (part: Buffer) => {
          size += part.length;
          if (size > ANSWER_BYTES_MAX) sent.destroy(new Error("the controller's answer is too long"));
          else parts.push(part);
        });
        response.on("error", reject);
        response.on("end", () => {
          const answer = Buffer.concat(parts).toString("utf8");
          if (response.statusCode === 200) resolve(parseJson(answer));
          else reject(refusal(response.statusCode ?? 0, answer));
        });
      },
    );
    sent.setTimeout(ANSWER_MS, () => sent.destroy(new Error("the controller does not answer")));
    sent.on("error", reject);
    sent.end(text);
  });
}

function refusal(status: number, answer: string): EnrolmentRefused {
  const said = parseJson(answer);
  const detail =
    typeof said === "object" && said !== null && "detail" in said && typeof said.detail === "string"
      ? said.detail
      : "It did not say why.";
  const isFinal = status >= 400 && status < 500 && status !== 408 && status !== 429;
  return new EnrolmentRefused(`the controller did not enrol this device (${status}): ${detail}`, isFinal);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** @throws with the file's name, never with what is in it */
async function readToken(file: string): Promise<EnrolmentToken> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new EnrolmentRefused(
      `the token file ${file} cannot be read (${cause instanceof Error && "code" in cause ? String(cause.code) : "unknown"}): put a token there`,
      false,
    );
  });
  const token = EnrolmentToken.safeParse(text.trim());
  if (token.success) return token.data;
  throw new EnrolmentRefused(`${file} holds no enrolment token (rbe_ and 32 characters)`, false);
}

const knownId = async (folder: string): Promise<DeviceId | undefined> =>
  (await exists(join(folder, FILES.config))) ? (await readConfig(folder)).deviceId : undefined;
const deviceKey = async (path: string): Promise<DeviceKey> =>
  (await exists(path)) ? readDeviceKey(path) : createDeviceKey(path);
const exists = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined)) !== undefined;
