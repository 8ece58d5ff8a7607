/** `status`, `devices` and `trust`: what is there, and what agents are to believe. */
import { Command } from "commander";
import { z } from "zod";
import { Condition } from "../../protocol/api.ts";
import { type DevicePage, DeviceQuery, DeviceSort, type DeviceSummary } from "../../protocol/api-devices.ts";
import { type Commands, NoOptions } from "./command.ts";
import { deviceCommands } from "./device-commands.ts";
import { clean, facts, moment, table } from "./output.ts";

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
            ["Waiting to be accepted", String(overview.standings.pending)],
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

const ListOptions = z.object(DeviceQuery.shape);

export function devicesCommand(commands: Commands): Command {
  const list = commands.leaf("list", "devices, a page at a time", ListOptions, async ({ client, options, output }) => {
    const page = await (await client()).devices(options);
    output.answer(page, () => `${devicesTable(page.items)}\n\n${countsText(page)}`);
    if (page.next !== null && !output.json) output.note(`There are more: add --cursor ${shellWord(clean(page.next))}`);
    return undefined;
  });
  list
    .option("--search <text>", "only those with this in their name, or with this part of their id")
    .option("--site <site>", "only those of this site")
    .option("--role <role>", "only those of this role")
    .option("--condition <condition>", `only those that are ${Condition.options.join(", ")}`)
    .option("--connected <yes|no>", "only those that are connected now, or are not")
    .option("--crashed <yes|no>", "only those that crashed and had no good boot since, or did not")
    .option("--source <source>", "only those that have any version of this content source")
    .option("--sha256 <digest>", "only those that have this content version, or had it when last heard")
    .option("--standing <standing>", "only those that are pending, accepted, revoked or cloned")
    .option("--gone <yes>", "machines of images that were not heard for more than a day, which are left out otherwise")
    .option("--sort <order>", DeviceSort.options.join(", "), "name")
    .option("--order <direction>", "ascending or descending", "ascending")
    .option("--limit <count>", "at most so many, 1 to 500", "50")
    .option("--cursor <cursor>", "go on where the page before ended");

  const devices = new Command("devices").summary("Windows machines").addCommand(list);
  for (const command of deviceCommands(commands)) devices.addCommand(command);
  return devices;
}

/** As one word of a POSIX shell: a cursor may hold a name, and a name anything. */
const shellWord = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

const devicesTable = (devices: readonly DeviceSummary[]): string =>
  table(
    ["DEVICE", "NAME", "SITE", "ROLE", "STANDING", "CONDITION", "CONNECTED", "LAST HEARD"],
    devices.map(({ id, name, site, role, standing, condition, connected, lastHeardAt }) => [
      id,
      name,
      site,
      role,
      standing,
      condition,
      connected ? "yes" : "no",
      moment(lastHeardAt),
    ]),
  );

/** "3 of 250 devices match. boot-loop 3, healthy 240." The conditions are counted with the other filters only. */
function countsText({ total, fleet, gone, standings, conditions }: z.infer<typeof DevicePage>): string {
  const counts = Condition.options.filter((condition) => (conditions[condition] ?? 0) > 0);
  const parts = counts.map((condition) => `${condition} ${conditions[condition]}`);
  const pending = standings.pending === 0 ? [] : [`${standings.pending} wait to be accepted: --standing pending.`];
  return [
    `${total} of ${fleet} devices match.`,
    ...pending,
    ...(gone === 0 ? [] : [`${gone} of images, not heard for more than a day, are left out: --gone yes.`]),
    ...(parts.length === 0 ? [] : [`${parts.join(", ")}.`]),
  ].join(" ");
}
