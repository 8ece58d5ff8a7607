/**
 * What every command is made of: its checked options, a client that is signed in, and somewhere to print.
 *
 * A command answers with an exit code or throws; nothing but `main.ts` ends the process.
 */
import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { text as readAll } from "node:stream/consumers";
import { Command } from "commander";
import { z } from "zod";
import { ApiClient } from "./client.ts";
import { controllerUrl, credentialsFile, loadCredentials } from "./credentials.ts";
import { EXIT, type ExitCode, NotSignedIn, UsageError } from "./errors.ts";
import { Output, type Streams } from "./output.ts";

/** What a command may know of the process it runs in. */
export interface System extends Streams {
  readonly stdin: NodeJS.ReadableStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal;
}

const GlobalOptions = z.object({
  url: z.string().optional(),
  tokenFile: z.string().optional(),
  caFile: z.string().optional(),
  json: z.boolean().default(false),
  color: z.boolean().default(true),
});

export interface Invocation<Options> {
  readonly args: readonly string[];
  readonly options: Options;
  readonly output: Output;
  readonly system: System;
  /** Signed in with the token of --token-file or of `ringback login`. */
  readonly client: () => Promise<ApiClient>;
  /** Where `login` keeps the credential. */
  readonly credentialsFile: string;
  /** The address of --url or RINGBACK_URL, without a credential. */
  readonly url: string | undefined;
  /** The authority in the file of --ca-file or RINGBACK_CA_FILE, PEM. */
  readonly ca: () => Promise<string | undefined>;
}

/** Answers the exit code; nothing means that all went well. */
type Handler<Options> = (invocation: Invocation<Options>) => Promise<ExitCode | undefined>;

/** Makes commands of one kind; `finished` learns the exit code. */
export class Commands {
  private readonly system: System;
  private readonly finished: (code: ExitCode) => void;

  constructor(system: System, finished: (code: ExitCode) => void) {
    this.system = system;
    this.finished = finished;
  }

  /** @param usage the name and its arguments: `show <device>` */
  leaf<S extends z.ZodObject>(usage: string, summary: string, options: S, handler: Handler<z.output<S>>): Command {
    const [name = "", ...args] = usage.split(" ");
    const command = new Command(name).summary(summary).description(summary);
    for (const argument of args) command.argument(argument);
    return command.action(async (...given: unknown[]) => {
      const all = command.optsWithGlobals<Record<string, unknown>>();
      const own = options.safeParse(Object.fromEntries(Object.keys(options.shape).map((key) => [key, all[key]])));
      if (!own.success) throw new UsageError(whatIsWrong(own.error));
      const globals = GlobalOptions.parse(all);
      const texts = given.slice(0, args.length).filter((value) => typeof value === "string");
      this.finished((await handler(this.invocation(texts, own.data, globals))) ?? EXIT.ok);
    });
  }

  private invocation<Options>(
    args: readonly string[],
    options: Options,
    globals: z.output<typeof GlobalOptions>,
  ): Invocation<Options> {
    const { environment, platform } = this.system;
    const noColor = environment["NO_COLOR"] !== undefined && environment["NO_COLOR"] !== "";
    const file = credentialsFile(environment, platform);
    const given = globals.url ?? environment["RINGBACK_URL"];
    const url = given === undefined ? undefined : controllerUrl(given);
    return {
      args,
      options,
      system: this.system,
      output: new Output(this.system, { json: globals.json, color: globals.color && !noColor }),
      credentialsFile: file,
      url,
      ca: () => this.ca(globals.caFile),
      client: () => this.client(file, url, globals),
    };
  }

  /** Undefined if none was given. @throws UsageError for a file without a certificate */
  private async ca(caFile: string | undefined): Promise<string | undefined> {
    const given = caFile ?? this.system.environment["RINGBACK_CA_FILE"];
    if (given === undefined || given === "") return undefined;
    const text = await readText(given, this.system);
    try {
      return new X509Certificate(text).toString(); // a bundle may hold more: one authority is believed
    } catch (cause) {
      throw new UsageError(
        `${given} holds no certificate in PEM. It is tls/ca.crt in the data folder of a controller with --tls own.`,
        { cause },
      );
    }
  }

  private async client(
    file: string,
    url: string | undefined,
    { tokenFile, caFile }: z.output<typeof GlobalOptions>,
  ): Promise<ApiClient> {
    const stored = await loadCredentials(file);
    const given = await this.ca(caFile);
    if (tokenFile !== undefined) {
      const target = url ?? stored?.url;
      if (target === undefined) throw new UsageError("Say which controller: --url http://127.0.0.1:PORT.");
      const ca = given ?? (target === stored?.url ? stored.ca : undefined);
      return new ApiClient({ url: target, token: (await readText(tokenFile, this.system)).trim(), ca });
    }
    if (stored === undefined) {
      throw new NotSignedIn(
        "Not signed in. Run `ringback setup --link LINK --name NAME` with the link that the controller printed, or `ringback login` if you have a token.",
      );
    }
    if (url !== undefined && url !== stored.url) {
      throw new NotSignedIn(
        `The stored token is for ${stored.url} and is not sent to ${url}. Sign in there with \`ringback login --url ${url}\`, or use --token-file.`,
      );
    }
    return new ApiClient({ ...stored, ca: given ?? stored.ca });
  }
}

/** A file's text; `-` is standard input. */
export async function readText(file: string, { stdin }: Pick<System, "stdin">): Promise<string> {
  if (file === "-") return await readAll(stdin);
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new UsageError(`The file ${file} cannot be read. Check its name and its permissions.`, { cause });
  }
}

/** An argument in the type that the API takes. @throws UsageError */
export function parsed<S extends z.ZodType>(schema: S, value: string | undefined, what: string): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new UsageError(`"${value ?? ""}" is not ${what}: ${result.error.issues[0]?.message ?? "not as expected"}.`);
}

export const NoOptions = z.object({});

function whatIsWrong(error: z.ZodError): string {
  return error.issues
    .map(
      ({ path, message }) =>
        `--${path
          .map(String)
          .join(".")
          .replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}: ${message}`,
    )
    .join("\n");
}
