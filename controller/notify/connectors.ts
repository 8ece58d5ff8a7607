/**
 * Ways to vendors, as one port. A call asks each connector that serves the source; what a vendor does wrong is an outcome,
 * never an exception.
 */
import type { ConnectorView } from "../../protocol/api-incidents.ts";
import type { Sha256 } from "../../protocol/canonical.ts";
import type { ContentSourceId } from "../../protocol/content.ts";
import { isOfSource } from "../../protocol/library.ts";
import type { z } from "zod";
import type { VendorConnectors, VendorOutcome } from "../ports/vendors.ts";

export type ConnectorOutcome = Omit<VendorOutcome, "connector">;
export interface Connector {
  readonly name: string;
  readonly title: string;
  /** Patterns of sources, as in the playbook library. */
  readonly sources: readonly string[];
  readonly can: string;
  pause(): Promise<ConnectorOutcome>;
  revert(): Promise<ConnectorOutcome>;
  pin(sha256: Sha256): Promise<ConnectorOutcome>;
  resume(): Promise<ConnectorOutcome>;
}

export function vendorConnectors(connectors: readonly Connector[]): VendorConnectors {
  /** The last outcome of each, so that people see whether it works. */
  const last = new Map<string, ConnectorOutcome>();
  const each = (source: ContentSourceId, call: (connector: Connector) => Promise<ConnectorOutcome>) =>
    Promise.all(
      connectors
        .filter(({ sources }) => sources.some((pattern) => isOfSource(pattern, source)))
        .map(async (connector): Promise<VendorOutcome> => {
          const outcome = await call(connector).catch(
            (error: unknown): ConnectorOutcome => ({ outcome: "failed", because: `It failed: ${String(error)}` }),
          );
          last.set(connector.name, outcome);
          return { connector: connector.name, ...outcome };
        }),
    );
  return {
    list: () =>
      connectors.map(({ name, title, sources, can }): z.infer<typeof ConnectorView> => {
        const outcome = last.get(name);
        const isFailing = outcome?.outcome === "failed";
        const because = isFailing ? `${can} The last call failed: ${outcome.because}` : can;
        return { name, title, sources: [...sources], state: isFailing ? "failing" : "ready", because };
      }),
    pause: (source) => each(source, (connector) => connector.pause()),
    revert: (source) => each(source, (connector) => connector.revert()),
    pin: (source, sha256) => each(source, (connector) => connector.pin(sha256)),
    resume: (source) => each(source, (connector) => connector.resume()),
  };
}
