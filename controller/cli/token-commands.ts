/** `tokens`: what new devices enrol with. A token is printed once, and is an argument of no command. */
import { Command } from "commander";
import { z } from "zod";
import { TokenRequest } from "../../protocol/enrolment.ts";
import { TokenId } from "../../protocol/ids.ts";
import { type Commands, NoOptions, parsed } from "./command.ts";
import { moment, table } from "./output.ts";

const HOUR_MS = 3_600_000;

const MakeOptions = z.object({
  group: TokenRequest.shape.group,
  site: TokenRequest.shape.site,
  role: TokenRequest.shape.role,
  uses: z.coerce.number().int().min(1).default(1),
  hours: z.coerce.number().min(1).max(24).default(24),
  acceptAtOnce: z.boolean().default(false),
  network: z.array(z.string()).optional(),
  pool: z.boolean().default(false),
});

export function tokensCommand(commands: Commands): Command {
  const make = commands.leaf(
    "make",
    "make an enrolment token, shown this once",
    MakeOptions,
    async ({ client, options, output }) => {
      const { group, site, role, uses, hours, acceptAtOnce, network, pool } = options;
      const atOnce = acceptAtOnce || network !== undefined;
      const made = await (await client()).makeEnrolmentToken({
        group,
        site,
        role,
        uses,
        pool,
        lifetimeMs: Math.round(hours * HOUR_MS),
        acceptance: atOnce
          ? { kind: "at-once", ...(network === undefined ? {} : { networks: network }) }
          : { kind: "person" },
      });
      output.answer(made, () => made.token);
      const { id, usesMax, expiresAt } = made.view;
      output.note(
        `Token ${id}: ${usesMax === 1 ? "one device" : `${usesMax} devices`}, until ${moment(expiresAt)}. It is shown this once; write it into a file that only the installer reads.`,
      );
      return undefined;
    },
  );
  make
    .requiredOption("--group <group>", "devices enrol for this group")
    .requiredOption("--site <site>", "where they stand")
    .requiredOption("--role <role>", "what they are for")
    .option("--uses <count>", "so many devices may become known by it", "1")
    .option("--hours <hours>", "it works for so long, 1 to 24", "24")
    .option("--accept-at-once", "devices count at once; without it a person accepts each")
    .option("--network <cidr...>", "accept at once only what comes from these networks, as 10.20.0.0/16")
    .option("--pool", "for machines that are made from an image and thrown away again");

  const list = commands.leaf("list", "tokens and what became of them", NoOptions, async ({ client, output }) => {
    const tokens = await (await client()).enrolmentTokens();
    output.answer(tokens, () =>
      table(
        ["TOKEN", "STATE", "USES", "GROUP", "SITE", "ROLE", "EXPIRES", "MADE BY"],
        tokens.items.map(({ id, state, uses, usesMax, group, site, role, expiresAt, createdBy }) => [
          id,
          state,
          `${uses}/${usesMax}`,
          group,
          site,
          role,
          moment(expiresAt),
          createdBy,
        ]),
      ),
    );
    return undefined;
  });

  const revoke = commands.leaf("revoke <token-id>", "revoke a token", NoOptions, async ({ args, client, output }) => {
    const id = parsed(TokenId, args[0], "a token's id (token_..., not the token itself)");
    await (await client()).revokeEnrolmentToken(id);
    output.answer({}, () => `${id} is revoked: no device enrols with it any more`);
    return undefined;
  });
  return new Command("tokens")
    .summary("what new devices enrol with")
    .addCommand(make)
    .addCommand(list)
    .addCommand(revoke);
}
