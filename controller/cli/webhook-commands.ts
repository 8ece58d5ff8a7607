/** `webhooks` and `connectors`: who is told of incidents elsewhere, and the ways to the vendors. */
import { Command } from "commander";
import { z } from "zod";
import { type WebhookMade, WebhookRequest, type WebhookView } from "../../protocol/api-incidents.ts";
import { Slug } from "../../protocol/names.ts";
import { type Commands, NoOptions, parsed } from "./command.ts";
import { EXIT, UsageError } from "./errors.ts";
import { clean, facts, moment, type Output, table } from "./output.ts";

/** Not `--url`: that is the controller's. */
const AddOptions = z.object({ name: WebhookRequest.shape.name, to: WebhookRequest.shape.url });

const nameOf = (text: string | undefined): z.infer<typeof Slug> => parsed(Slug, text, "a webhook");

export function webhooksCommand(commands: Commands): Command {
  const list = commands.leaf("list", "webhooks, and whether they work", NoOptions, async ({ client, output }) => {
    const webhooks = await (await client()).webhooks();
    output.answer(webhooks, () =>
      table(
        ["WEBHOOK", "STATE", "URL", "WHY"],
        webhooks.items.map(({ name, state, url, because }) => [name, state, url, because]),
      ),
    );
    return undefined;
  });
  const show = commands.leaf(
    "show <webhook>",
    "one webhook with its last messages and what the receiver answered",
    NoOptions,
    async ({ args, client, output }) => {
      const name = nameOf(args[0]);
      const { items } = await (await client()).webhooks();
      const webhook = items.find((each) => each.name === name);
      if (webhook === undefined)
        throw new UsageError(`There is no webhook ${name}. See them all: ringback webhooks list`);
      output.answer(webhook, () => webhookText(webhook));
      return undefined;
    },
  );
  const add = commands
    .leaf(
      "add",
      "tell a chat, a pager or a ticket system of each incident; the secret is printed this once",
      AddOptions,
      async ({ client, options: { name, to }, output }) => {
        const made = await (await client()).makeWebhook({ name, url: to });
        showSecret(made, output);
        return undefined;
      },
    )
    .requiredOption("--name <name>", "short, in lower-case letters, digits and hyphens")
    .requiredOption("--to <url>", "where the messages go, over https");
  const remove = commands.leaf(
    "remove <webhook>",
    "tell it nothing more",
    NoOptions,
    async ({ args, client, output }) => {
      const name = nameOf(args[0]);
      await (await client()).deleteWebhook(name);
      output.answer({ removed: name }, () => clean(`${name} is told nothing more.`));
      return undefined;
    },
  );
  const rotate = commands.leaf(
    "rotate <webhook>",
    "give it another secret; for a day messages are signed with both",
    NoOptions,
    async ({ args, client, output }) => {
      showSecret(await (await client()).rotateWebhook(nameOf(args[0])), output);
      return undefined;
    },
  );
  const test = commands.leaf(
    "test <webhook>",
    "send a test now and say what came of it",
    NoOptions,
    async ({ args, client, output }) => {
      const webhook = await (await client()).testWebhook(nameOf(args[0]));
      output.answer(webhook, () => webhookText(webhook));
      return webhook.deliveries[0]?.state === "delivered" ? undefined : EXIT.error;
    },
  );
  const switched = (verb: "on" | "off", summary: string): Command =>
    commands.leaf(`${verb} <webhook>`, summary, NoOptions, async ({ args, client, output }) => {
      const webhook = await (await client()).switchWebhook(nameOf(args[0]), verb === "on");
      output.answer(webhook, () => webhookText(webhook));
      return undefined;
    });
  return new Command("webhooks")
    .summary("who is told of incidents elsewhere")
    .addCommand(list)
    .addCommand(show)
    .addCommand(add)
    .addCommand(test)
    .addCommand(rotate)
    .addCommand(switched("on", "tell it again, after its receiver has answered 410 or a person switched it off"))
    .addCommand(switched("off", "tell it nothing until it is switched on"))
    .addCommand(remove);
}

function showSecret(made: z.infer<typeof WebhookMade>, output: Output): void {
  output.answer(made, () =>
    facts([
      ["Webhook", made.name],
      ["Secret", made.secret],
      ["Public key", made.publicKey],
    ]),
  );
  if (!output.json) output.note("\nKeep the secret where the receiver checks signatures. It is shown only now.");
}

function webhookText({ name, url, state, because, deliveries }: z.infer<typeof WebhookView>): string {
  const rows = deliveries.map(({ at, type, state: stands, attempts, answer, nextAt }) => [
    moment(at),
    type,
    stands,
    String(attempts),
    nextAt === null ? "not again" : moment(nextAt),
    answer ?? "",
  ]);
  const head = facts([
    ["Webhook", name],
    ["URL", url],
    ["State", `${state}. ${because}`],
  ]);
  return `${head}\n\n${table(["AT", "TYPE", "STATE", "ATTEMPTS", "NEXT", "ANSWER"], rows)}`;
}

export function connectorsCommand(commands: Commands): Command {
  const list = commands.leaf(
    "list",
    "the ways to vendors, and what each could do there",
    NoOptions,
    async ({ client, output }) => {
      const connectors = await (await client()).connectors();
      output.answer(connectors, () =>
        table(
          ["CONNECTOR", "STATE", "SOURCES", "WHAT IT CAN DO"],
          connectors.items.map(({ name, state, sources, because }) => [name, state, sources.join(", "), because]),
        ),
      );
      return undefined;
    },
  );
  return new Command("connectors").summary("the ways to the vendors of content").addCommand(list);
}
