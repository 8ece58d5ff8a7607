/** `devices show`, `boots`, `orders`, `reports`: one machine in words, and everything about it as JSON. */
import type { Command } from "commander";
import { z } from "zod";
import { BootQuery, OrderQuery, ReportKind, ReportQuery } from "../../protocol/api-device.ts";
import { DeviceId } from "../../protocol/ids.ts";
import { type Commands, NoOptions, parsed } from "./command.ts";
import { bootsText, deviceText, ordersText, reportsText } from "./device-text.ts";
import type { Output } from "./output.ts";

/** What `show` adds of each list; the lists themselves have commands of their own. */
const SHOWN = { boots: 10, orders: 3 } as const;

const BootOptions = z.object({ limit: BootQuery.shape.limit, cursor: BootQuery.shape.cursor });
const OrderOptions = z.object({ limit: OrderQuery.shape.limit, cursor: OrderQuery.shape.cursor });
const ReportOptions = z.object({
  kind: ReportQuery.shape.kind,
  limit: ReportQuery.shape.limit,
  cursor: ReportQuery.shape.cursor,
});

const StandingOptions = z.object({ because: z.string().optional() });

const deviceOf = ([id]: readonly string[]): DeviceId => parsed(DeviceId, id, "a device");

export function deviceCommands(commands: Commands): readonly Command[] {
  const show = commands.leaf(
    "show <device>",
    "one device: why it is as it is, its newest boots with their evidence, its orders",
    NoOptions,
    async ({ args, client, output }) => {
      const [api, id] = [await client(), deviceOf(args)];
      const device = await api.device(id);
      if (output.json) {
        output.answer(device, () => "");
        return undefined;
      }
      const boots = await api.deviceBoots(id, { limit: SHOWN.boots });
      const orders = await api.deviceOrders(id, { limit: SHOWN.orders });
      const text = [deviceText(device), "", bootsText(boots.items, device.connected), "", ordersText(orders.items)];
      output.answer(device, () => text.join("\n"));
      if (boots.next !== null) output.note(`There are more boots: ringback devices boots ${id}`);
      if (orders.next !== null) output.note(`There are more orders: ringback devices orders ${id}`);
      return undefined;
    },
  );

  const boots = commands.leaf(
    "boots <device>",
    "its boots, newest first: how each went and ended, who says so, and the evidence",
    BootOptions,
    async ({ args, options, client, output }) => {
      const [api, id] = [await client(), deviceOf(args)];
      const page = await api.deviceBoots(id, options);
      const { connected } = await api.device(id);
      output.answer(page, () => bootsText(page.items, connected && options.cursor === undefined));
      sayMore(output, page.next);
      return undefined;
    },
  );

  const orders = commands.leaf(
    "orders <device>",
    "its orders, newest first: steps, refusals, and whether the receipt's signature is good",
    OrderOptions,
    async ({ args, options, client, output }) => {
      const page = await (await client()).deviceOrders(deviceOf(args), options);
      output.answer(page, () => ordersText(page.items));
      sayMore(output, page.next);
      return undefined;
    },
  );

  const reports = commands.leaf(
    "reports <device>",
    "every report as it was received, newest first; whole with --json",
    ReportOptions,
    async ({ args, options, client, output }) => {
      const page = await (await client()).deviceReports(deviceOf(args), options);
      output.answer(page, () => reportsText(page.items));
      sayMore(output, page.next);
      return undefined;
    },
  );
  reports.option("--kind <kind>", `only those of this kind: ${ReportKind.options.join(", ")}`);
  for (const [command, most, usual] of [
    [boots, 200, "50"],
    [orders, 50, "10"],
    [reports, 500, "50"],
  ] as const) {
    command
      .option("--limit <count>", `at most so many, 1 to ${most}`, usual)
      .option("--cursor <cursor>", "go on where the page before ended");
  }
  const stand = (verb: "accept" | "revoke", summary: string, usual: string): Command =>
    commands
      .leaf(`${verb} <device>`, summary, StandingOptions, async ({ args, options, client, output }) => {
        const [api, id] = [await client(), deviceOf(args)];
        const because = options.because ?? usual;
        const device = await (verb === "accept" ? api.acceptDevice(id, because) : api.revokeDevice(id, because));
        output.answer(device, () => `${device.name} (${id}) is ${device.standing}: ${device.standingBecause}`);
        return undefined;
      })
      .option("--because <text>", "why, for those who look at it later");
  const accept = stand("accept", "let a device in: it counts, and plans may be made for it", "it is known here");
  const revoke = stand("revoke", "shut a device out: it is refused at login and counts nowhere", "no reason was given");
  return [show, boots, orders, reports, accept, revoke];
}

function sayMore(output: Output, next: string | null): void {
  if (next !== null && !output.json) output.note(`There are more: add --cursor ${next}`);
}
