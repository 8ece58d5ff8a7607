/** `groups`: saved selections of devices, kept in files of the administrator's. */
import { Command } from "commander";
import { z } from "zod";
import { GroupName } from "../../protocol/names.ts";
import { type Commands, NoOptions, parsed, readText } from "./command.ts";
import { explained, readDocument } from "./documents.ts";
import { table } from "./output.ts";

export function groupsCommand(commands: Commands): Command {
  const list = commands.leaf(
    "list",
    "groups and how many devices each has now",
    NoOptions,
    async ({ client, output }) => {
      const groups = await (await client()).groups();
      output.answer(groups, () =>
        table(
          ["GROUP", "DEVICES", "SELECTOR"],
          groups.items.map(({ name, deviceCount, selector }) => [name, String(deviceCount), JSON.stringify(selector)]),
        ),
      );
      return undefined;
    },
  );
  const FileOption = z.object({ file: z.string() });
  const set = commands.leaf(
    "set <group>",
    "make a group, or replace its selector",
    FileOption,
    async ({ args, client, options, output, system }) => {
      const source = readDocument(options.file, await readText(options.file, system));
      const name = parsed(GroupName, args[0], "a group's name");
      const api = await client();
      // The controller checks the selector; its faults come back with their lines.
      const group = await explained(
        { ...source, place: (path) => source.place(path.replace(/^selector\.?/, "")) },
        () => api.putGroup(name, { selector: source.value as never }),
      );
      output.answer(group, () => `${group.name}: ${group.deviceCount} devices now`);
      return undefined;
    },
  );
  set.requiredOption("-f, --file <file>", "the selector as YAML or JSON; - for standard input");
  const remove = commands.leaf("delete <group>", "delete a group", NoOptions, async ({ args, client, output }) => {
    const name = parsed(GroupName, args[0], "a group's name");
    await (await client()).deleteGroup(name);
    output.answer({}, () => `${name} is deleted`);
    return undefined;
  });
  return new Command("groups")
    .summary("saved selections of devices")
    .addCommand(list)
    .addCommand(set)
    .addCommand(remove);
}
