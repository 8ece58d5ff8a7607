/** `status`, `devices` and `trust`: what is there, and what agents are to believe. */
import { Command } from "commander";
import { z } from "zod";
import { Condition, DeviceQuery } from "../../protocol/api.ts";
import { type Commands, NoOptions } from "./command.ts";
import { deviceCommands } from "./device-commands.ts";
import { facts, moment, table } from "./output.ts";

export function statusCommand(commands: Commands): Command {
  return commands.leaf(
    "status",
    "the state of the fleet in one sentence, with counts",
    NoOptions,
    async ({ client, output }) => {
      const overview = await (await client()).overview();
      output.answer(overview, () =>
        [
          overview.sentence,
          "",
          facts([
            ["Devices", `${overview.devices}, ${overview.connected} connected`],
            ...Condition.options.map(
              (condition) => [`  ${condition}`, String(overview.conditions[condition])] as const,
            ),
            ["Incidents", String(overview.incidents.length)],
            ["As of", moment(overview.asOf)],
          ]),
          ...overview.rollouts.map(({ id, phase, because }) => `${id}  ${phase}: ${because}`),
          ...(overview.starterKeys ? ["", "The controller still uses the starter keys it made for itself."] : []),
        ].join("\n"),
      );
      return undefined;
    },
  );
}

export function trustCommand(commands: Commands): Command {
  const summary = "the keys that agents should believe, as JSON for their installation";
  return commands.leaf("trust", summary, NoOptions, async ({ client, output }) => {
    const trust = await (await client()).trust();
    output.answer(trust, () => JSON.stringify(trust, null, 2));
    return undefined;
  });
}

const ListOptions = z.object({
  site: DeviceQuery.shape.site,
  role: DeviceQuery.shape.role,
  condition: DeviceQuery.shape.condition,
  sha256: DeviceQuery.shape.sha256,
  limit: DeviceQuery.shape.limit,
  cursor: DeviceQuery.shape.cursor,
});

export function devicesCommand(commands: Commands): Command {
  const list = commands.leaf("list", "devices, a page at a time", ListOptions, async ({ client, options, output }) => {
    const page = await (await client()).devices(options);
    output.answer(page, () =>
      table(
        ["DEVICE", "NAME", "SITE", "ROLE", "CONDITION", "CONNECTED", "LAST HEARD"],
        page.items.map(({ id, name, site, role, condition, connected, lastHeardAt }) => [
          id,
          name,
          site,
          role,
          condition,
          connected ? "yes" : "no",
          moment(lastHeardAt),
        ]),
      ),
    );
    if (page.next !== null && !output.json) output.note(`There are more: add --cursor ${page.next}`);
    return undefined;
  });
  list
    .option("--site <site>", "only those of this site")
    .option("--role <role>", "only those of this role")
    .option("--condition <condition>", `only those that are ${Condition.options.join(", ")}`)
    .option("--sha256 <digest>", "only those that have this content version, or had it when last heard")
    .option("--limit <count>", "at most so many, 1 to 500", "50")
    .option("--cursor <cursor>", "go on where the page before ended");

  const devices = new Command("devices").summary("Windows machines").addCommand(list);
  for (const command of deviceCommands(commands)) devices.addCommand(command);
  return devices;
}
