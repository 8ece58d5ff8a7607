/**
 * The client's half of WebSocket, as little of it as a load client needs: text frames of one piece, pings answered. It
 * believes the server; a server that breaks the protocol breaks the bench.
 */
import { AGENT_PATH, SUBPROTOCOL } from "../../../protocol/frames.ts";

export const upgradeRequest = (host: string): string =>
  [
    `GET ${AGENT_PATH} HTTP/1.1`,
    `Host: ${host}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Protocol: ${SUBPROTOCOL}`,
    "\r\n",
  ].join("\r\n");

/** Where the head of the answer ends; -1 if it is not all there. @throws if it is a refusal */
export function endOfUpgrade(bytes: Buffer): number {
  const end = bytes.indexOf("\r\n\r\n");
  if (end === -1) return -1;
  if (bytes.toString("latin1", 0, 12) !== "HTTP/1.1 101") {
    throw new Error(`the upgrade was refused: ${bytes.toString("latin1", 0, bytes.indexOf("\r\n"))}`);
  }
  return end + 4;
}

const OPCODES = { text: 1, close: 8, ping: 9, pong: 10 } as const;
/** A mask that the server has to take off: one of zeros would save it the work. */
const MASK = Buffer.from([0x5a, 0xc3, 0x17, 0x9e]);

export const textFrame = (text: string): Buffer => maskedFrame(OPCODES.text, Buffer.from(text));
export const pongFrame = (payload: Buffer): Buffer => maskedFrame(OPCODES.pong, payload);

function maskedFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  if (length > 0xffff) throw new RangeError("an agent's frame holds at most 64 KiB");
  const start = length < 126 ? 6 : 8;
  const frame = Buffer.allocUnsafe(start + length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (length < 126 ? length : 126);
  if (length >= 126) frame.writeUInt16BE(length, 2);
  MASK.copy(frame, start - 4);
  for (let i = 0; i < length; i++) frame[start + i] = (payload[i] as number) ^ (MASK[i & 3] as number);
  return frame;
}

export interface Heard {
  onText(text: string): void;
  onPing(payload: Buffer): void;
  onClose(code: number, reason: string): void;
}

/** Hands out the whole frames in `bytes`. @returns what is left of the last one */
export function readFrames(bytes: Buffer, heard: Heard): Buffer {
  let at = 0;
  while (bytes.length - at >= 2) {
    const opcode = (bytes[at] as number) & 0x0f;
    let length = (bytes[at + 1] as number) & 0x7f;
    let start = at + 2;
    if (length === 126) {
      if (bytes.length - at < 4) break;
      length = bytes.readUInt16BE(at + 2);
      start += 2;
    } else if (length === 127) {
      if (bytes.length - at < 10) break;
      length = Number(bytes.readBigUInt64BE(at + 2));
      start += 8;
    }
    const end = start + length;
    if (bytes.length < end) break;
    if (opcode === OPCODES.text) heard.onText(bytes.toString("utf8", start, end));
    else if (opcode === OPCODES.ping) heard.onPing(bytes.subarray(start, end));
    else if (opcode === OPCODES.close) {
      heard.onClose(length >= 2 ? bytes.readUInt16BE(start) : 1005, bytes.toString("utf8", start + 2, end));
    }
    at = end;
  }
  return at === bytes.length ? NOTHING : bytes.subarray(at);
}

export const NOTHING = Buffer.alloc(0);
