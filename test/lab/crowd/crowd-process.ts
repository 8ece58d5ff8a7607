/** The simulated machines of a drill, in a process of their own: takes orders and tells facts, a line of JSON each. */
import { createInterface } from "node:readline";
import { Crowd, type CrowdEvidence, type CrowdOrders } from "./crowd.ts";

export type CrowdOrder =
  | { readonly do: "enrol"; readonly orders: CrowdOrders }
  | { readonly do: "power-on" }
  | {
      readonly do: "push";
      readonly name: string;
      readonly bytes: string;
      readonly sha256: string;
      readonly spreadLabMs: number;
    }
  | { readonly do: "withdraw" }
  | { readonly do: "evidence"; readonly n: number };
export type CrowdWord =
  | { readonly say: "enrolled" }
  | { readonly say: "crashed"; readonly name: string; readonly at: number }
  | { readonly say: "evidence"; readonly n: number; readonly machines: readonly CrowdEvidence[] }
  | { readonly say: "fault"; readonly because: string };

const tell = (word: CrowdWord): unknown => process.stdout.write(`${JSON.stringify(word)}\n`);
const broken = (error: unknown): void => {
  tell({ say: "fault", because: error instanceof Error ? (error.stack ?? error.message) : String(error) });
};
process.on("uncaughtException", broken);
process.on("unhandledRejection", broken);

let crowd: Crowd | undefined;

async function obey(order: CrowdOrder): Promise<void> {
  switch (order.do) {
    case "enrol":
      crowd = new Crowd(order.orders, ({ spec: { name } }, { kind, at }) => {
        if (kind === "crashed") tell({ say: "crashed", name, at });
      });
      await crowd.enrol();
      tell({ say: "enrolled" });
      return;
    case "power-on":
      crowd?.powerOn();
      return;
    case "push":
      crowd?.push({ ...order, bytes: Buffer.from(order.bytes, "base64") }, order.spreadLabMs);
      return;
    case "withdraw":
      crowd?.withdraw();
      return;
    case "evidence":
      tell({ say: "evidence", n: order.n, machines: crowd?.evidence() ?? [] });
  }
}

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  obey(JSON.parse(line) as CrowdOrder).catch(broken);
});
lines.on("close", () => process.exit(0)); // whoever gives the orders is gone
process.on("SIGTERM", () => {
  crowd?.stop();
  process.exit(0);
});
