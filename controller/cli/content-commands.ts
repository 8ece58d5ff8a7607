/** `content`: the versions that are out there. */
import { Command } from "commander";
import { type Commands, NoOptions } from "./command.ts";
import { moment, table } from "./output.ts";

export function contentCommand(commands: Commands): Command {
  const list = commands.leaf(
    "list",
    "content versions seen on the fleet, and how those who run them fare",
    NoOptions,
    async ({ client, output }) => {
      const content = await (await client()).content();
      output.answer(content, () =>
        table(
          ["CONTENT", "VERSION", "DEVICES", "CRASHED", "FIRST SEEN", "SHA-256"],
          content.items.map(({ source, label, devices, crashed, firstSeenAt, sha256 }) => [
            source,
            label,
            String(devices),
            String(crashed),
            moment(firstSeenAt),
            sha256,
          ]),
        ),
      );
      return undefined;
    },
  );
  return new Command("content").summary("versions of security content").addCommand(list);
}
