/** `setup`, `login` and `logout`: how this user's credential comes here and goes again. */
import { text as readAll } from "node:stream/consumers";
import type { Command } from "commander";
import { z } from "zod";
import { ApiClient } from "./client.ts";
import { type Commands, NoOptions, readText, type System } from "./command.ts";
import { controllerUrl, forgetCredentials, saveCredentials } from "./credentials.ts";
import { ApiProblem, NotSignedIn, UsageError } from "./errors.ts";
import { askHidden, isTerminal } from "./passphrase.ts";

/** The controller does not say so itself: after set-up there is nothing at that address for anybody. */
const SET_UP_BEFORE =
  "This controller takes no set-up: it was done before, and each link works once. Sign in with `ringback login` and your token, or start the controller with --setup-link to have it print a new link.";

export function setupCommand(commands: Commands): Command {
  const Options = z.object({ link: z.string(), name: z.string() });
  const summary = "redeem the one-time link that the controller printed at its first start, and sign in";
  const command = commands.leaf("setup", summary, Options, async (invocation) => {
    const { credentialsFile, options, output, system } = invocation;
    const text = options.link === "-" ? (await readText("-", system)).trim() : options.link;
    const link = URL.parse(text);
    const code = link?.hash.startsWith("#code=") === true ? link.hash.slice("#code=".length) : undefined;
    if (link === null || code === undefined) {
      throw new UsageError(
        "This is not a set-up link. It looks like http://127.0.0.1:8480/setup#code=...; put it in quotes.",
      );
    }
    const url = controllerUrl(link.origin);
    const ca = await invocation.ca();
    const { token, name } = await new ApiClient({ url, ca }).setUp(code, options.name).catch((error: unknown) => {
      throw error instanceof ApiProblem && error.code === "not-found" ? new NotSignedIn(SET_UP_BEFORE) : error;
    });
    await saveCredentials(credentialsFile, { url, token, ...(ca === undefined ? {} : { ca }) });
    output.answer(
      { url, name, credentials: credentialsFile },
      () => `Signed in to ${url} as ${name}. The token is in ${credentialsFile}.`,
    );
    return undefined;
  });
  return command
    .requiredOption("--link <link>", "the link, in quotes; - for standard input")
    .requiredOption("--name <name>", "who you are, as it will stand in the record");
}

export function loginCommand(commands: Commands): Command {
  const summary = "keep a token for the controller at --url; the token is read from standard input";
  return commands.leaf("login", summary, NoOptions, async (invocation) => {
    const { credentialsFile, output, system, url } = invocation;
    if (url === undefined) throw new UsageError("Say which controller: ringback login --url http://127.0.0.1:PORT.");
    const token = (await readToken(system)).trim();
    if (token === "") throw new UsageError("No token was given on standard input.");
    const ca = await invocation.ca();
    const { name } = await new ApiClient({ url, token, ca }).session();
    await saveCredentials(credentialsFile, { url, token, ...(ca === undefined ? {} : { ca }) });
    output.answer(
      { url, name, credentials: credentialsFile },
      () => `Signed in to ${url} as ${name}. The token is in ${credentialsFile}.`,
    );
    return undefined;
  });
}

export function logoutCommand(commands: Commands): Command {
  return commands.leaf(
    "logout",
    "forget the token that is kept here",
    NoOptions,
    async ({ credentialsFile, output }) => {
      await forgetCredentials(credentialsFile);
      output.answer({}, () => "The token is forgotten here. It stays valid at the controller.");
      return undefined;
    },
  );
}

/** Asked for without showing it, where a person sits there. */
const readToken = (system: System): Promise<string> =>
  isTerminal(system) ? askHidden("Paste the token and press Enter", system) : readAll(system.stdin);
