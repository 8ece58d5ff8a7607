/** How the gateway uses ws; its benchmarks give the bare server the same. */
import { AGENT_FRAME_BYTES_MAX, SUBPROTOCOL } from "../../protocol/frames.ts";

export const WEBSOCKET_OPTIONS = {
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
  maxPayload: AGENT_FRAME_BYTES_MAX,
  // A frame of 64 KiB in honest pieces: what comes in more is made to cost memory.
  maxFragments: 64,
  maxBufferedChunks: 1_024,
  skipUTF8Validation: false,
  handleProtocols: (): string => SUBPROTOCOL,
};
