/** Ways to a controller for agents that a test puts together. */
import { lines } from "../../agent/adapters/proxy/line.ts";
import type { Way } from "../../agent/adapters/way.ts";

/** @param ca PEM of the authority to believe */
export const directWay = (ca: string | undefined): Way => ({
  open: lines({ proxy: "none", proxyBypass: [] }, undefined),
  ca,
});
/** Without any authority: no TLS connection comes about. */
export const DIRECT = directWay(undefined);
