/**
 * The same frames over plain HTTPS requests, for networks that let no WebSocket through.
 *
 * `POST` without a session opens one: 201 and `Opened`. With its secret, a `POST` carries frames to the controller, one a
 * line, and is answered with 204 when they were read; a `GET` waits for frames the other way: 200 with lines, or 204 for
 * nothing yet; a `DELETE` ends the session. One `POST` and one `GET` are under way at a time, and each kind counts its
 * own from 1: what a proxy or an attacker repeats is 409 and has no effect. 410 with `Ended` means what a close frame
 * means. Whatever fails ends the session as a broken socket would; nothing is lost, as nothing was acknowledged.
 */
import { z } from "zod";
import { AGENT_PATH } from "./frames.ts";

export const LONG_POLL_PATH = `${AGENT_PATH}/poll`;
/** Lines of JSON. A page in a browser can send it nowhere without being asked for by CORS. */
export const LONG_POLL_TYPE = "application/x-ndjson";
/** Names the subprotocol, as `Sec-WebSocket-Protocol` does. */
export const PROTOCOL_HEADER = "ringback-protocol";
export const NUMBER_HEADER = "ringback-number";
/** `authorization: Ringback SECRET`: never in an address, which proxies write down. */
export const SESSION_SCHEME = "Ringback";

/** 256 random bits: whoever has them has the session. */
export const Opened = z.strictObject({ session: z.base64url().length(43) });
/** A close code of protocol/frames.ts, with its reason for people. */
export const Ended = z.strictObject({ code: z.int().min(1000).max(4999), reason: z.string().max(200) });
