/** What the doctor looks at of the agent itself: its folder, its service, its clock, its controller. Nothing is changed. */
import type { Registry } from "../../../machine-parts.ts";
import type { Result } from "../../../ports.ts";
import { connectPinned } from "../../pinned-tls.ts";
import { lines, type SystemProxy } from "../../proxy/line.ts";
import { readCa, readConfig } from "../../state-folder.ts";
import { fault } from "../fault.ts";
import { numberIfKnown, textIfKnown } from "../registry-text.ts";

export interface ServiceFacts {
  /** Undefined: there is no such service. */
  readonly imagePath: string | undefined;
  /** 2 is automatic. */
  readonly start: number | undefined;
  /** Safe modes in which it is started. */
  readonly safeBoot: readonly string[];
}

const CONTROL_SET = "HKLM\\SYSTEM\\CurrentControlSet";

export async function readService(registry: Registry, name: string): Promise<ServiceFacts> {
  const key = `${CONTROL_SET}\\Services\\${name}`;
  const modes = await Promise.all(
    ["Minimal", "Network"].map(async (mode) => {
      const kind = await textIfKnown(registry, `${CONTROL_SET}\\Control\\SafeBoot\\${mode}\\${name}`, "");
      return kind?.toLowerCase() === "service" ? [mode] : [];
    }),
  );
  return {
    imagePath: await textIfKnown(registry, key, "ImagePath"),
    start: await numberIfKnown(registry, key, "Start"),
    safeBoot: modes.flat(),
  };
}

export interface ReachedController {
  readonly address: string;
  /** Its clock less this machine's; undefined: it did not say. */
  readonly clockAheadMs: number | undefined;
}

/** A request for nothing, over TLS as the agent makes it: what answers, and what time it has. */
export async function reachController(
  folder: string,
  systemProxy: SystemProxy | undefined,
  now: () => number,
): Promise<Result<ReachedController>> {
  try {
    const config = await readConfig(folder);
    const [address = ""] = config.controllers;
    const { protocol, hostname, port } = new URL(address);
    if (protocol !== "wss:") return fault("not-found", `${address} is reached without TLS: on this machine only`);
    const open = lines(config, systemProxy);
    const socket = await connectPinned(open, hostname, Number(port || 443), await readCa(folder, config));
    const answered = await new Promise<string>((resolve, reject) => {
      let text = "";
      socket.once("error", reject);
      socket.once("close", () => resolve(text));
      socket.setTimeout(10_000, () => socket.destroy());
      socket.on("data", (chunk: Buffer) => {
        text += chunk.toString("latin1");
        if (text.includes("\r\n\r\n") || text.length > 16_384) socket.destroy();
      });
      socket.write(`HEAD / HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`);
    });
    const date = Date.parse(/^date:\s*(.+?)\r?$/im.exec(answered)?.[1] ?? "");
    return { kind: "ok", value: { address, clockAheadMs: Number.isNaN(date) ? undefined : date - now() } };
  } catch (error) {
    return fault("unexpected", error instanceof Error ? error.message : String(error));
  }
}
