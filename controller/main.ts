/** `npm start`: the controller with its console. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command, Option } from "commander";
import { pino } from "pino";
import { z } from "zod";
import { ConfigRefused, parseConfig, TlsMode } from "./config.ts";
import { type Controller, startController } from "./controller.ts";

const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")));

const CONSOLE = fileURLToPath(new URL("./console/dist", import.meta.url));
const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "silent"] as const;

const program = new Command("ringback-controller")
  .description(
    "Ringback's controller: takes agents' reports, rolls faulty updates back in stages, and shows it in the console.",
  )
  .version(version)
  .option("--data <folder>", "keys and, unless --database-file is given, the database", "data")
  .option("--host <address>", "where it listens; beyond loopback with TLS only", "127.0.0.1")
  .addOption(
    new Option(
      "--tls <mode>",
      "own: the controller's own authority; files: your certificate; front: nginx or haproxy on this machine",
    )
      .choices(TlsMode.options)
      .default("none"),
  )
  .option("--name <name...>", "what agents and browsers call it, as ringback.example")
  .option("--tls-cert <file>", "with --tls files: your certificate and its chain, PEM; read again when it changes")
  .option("--tls-key <file>", "with --tls files: its key, PEM")
  .option("--port <number>", "0 takes any free port", "8480")
  .option("--database-file <file>", "a file that holds a postgres:// address, instead of embedded SQLite")
  .option("--approval-origin <origin>", "where approvers' browsers reach it, under a name for approvals alone")
  .option(
    "--connectors <file>",
    "which vendors it may ask to pause content, as YAML; credentials are in files of their own",
  )
  .option("--allow-private-webhooks", "webhooks may lead to addresses behind the firewall")
  .addOption(new Option("--console <folder>", "the built console, where it is elsewhere").hideHelp())
  .option("--silent-after <seconds>", "a device gone without a goodbye for so long is silent", "600")
  .option("--lease <seconds>", "another controller on the same database takes over after so long", "5")
  .addOption(
    new Option("--lab-pace <number>", "for drills alone: detection and pings go so much faster than real time").default(
      "1",
    ),
  )
  .option("--setup-link", "print a new one-time set-up link, also if set-up was done before")
  .option("--json-ready", "print one line of JSON when it listens: {listening, setupLink, caSha256}")
  .addOption(new Option("--log-level <level>", "how much it says").choices(LOG_LEVELS).default("info"))
  .showHelpAfterError();

/** As commander gives them; what they say is checked by `parseConfig`, so that each fault names its option. */
const Options = z.object({
  data: z.string(),
  host: z.string(),
  port: z.string(),
  tls: TlsMode,
  name: z.array(z.string()).default([]),
  tlsCert: z.string().optional(),
  tlsKey: z.string().optional(),
  databaseFile: z.string().optional(),
  approvalOrigin: z.string().optional(),
  connectors: z.string().optional(),
  allowPrivateWebhooks: z.boolean().default(false),
  console: z.string().default(CONSOLE),
  silentAfter: z.string(),
  lease: z.string(),
  labPace: z.string(),
  setupLink: z.boolean().default(false),
  jsonReady: z.boolean().default(false),
  logLevel: z.enum(LOG_LEVELS),
});

async function main(): Promise<void> {
  const options = Options.parse(program.parse().opts());
  const config = parseConfig({
    dataFolder: options.data,
    host: options.host,
    port: options.port,
    tls: options.tls,
    names: options.name,
    tlsCert: options.tlsCert,
    tlsKey: options.tlsKey,
    databaseFile: options.databaseFile,
    approvalOrigin: options.approvalOrigin,
    connectorsFile: options.connectors,
    allowPrivateWebhooks: options.allowPrivateWebhooks,
    silentAfterMs: Number(options.silentAfter) * 1_000,
    leaseMs: Number(options.lease) * 1_000,
    labPace: Number(options.labPace),
  });
  const log = pino({ level: options.logLevel }, pino.destination({ dest: 2, sync: true }));
  const controller = await startController(config, { version, consoleFolder: options.console, log });
  stopOnSignals(controller);
  const setupLink = options.setupLink || !controller.isSetUp ? await controller.makeSetupLink() : null;
  process.stdout.write(
    options.jsonReady
      ? `${JSON.stringify({ listening: controller.url, setupLink, caSha256: controller.caSha256 })}\n`
      : greeting(controller, setupLink),
  );
}

function greeting({ url, caSha256 }: Controller, setupLink: string | null): string {
  const pins = caSha256 === null ? "" : `CA_SHA256=${caSha256}\n`;
  if (setupLink === null) return `Ringback listens at ${url}\n${pins}`;
  return `Ringback listens at ${url}\n${pins}\nSet it up by opening this link; it works once, within 24 hours:\n\n  ${setupLink}\n\n`;
}

/** The first signal stops gracefully; a second one, at once. Nothing acknowledged is lost either way. */
function stopOnSignals(controller: Controller): void {
  let stopping = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(1);
      stopping = true;
      void controller.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          process.stderr.write(`Ringback could not stop cleanly: ${String(error)}\nWhat was acknowledged is stored.\n`);
          process.exit(1);
        },
      );
    });
  }
}

try {
  await main();
} catch (error) {
  const hint =
    error instanceof ConfigRefused
      ? "Correct this and start again."
      : "Nothing is running. The log above may say more.";
  process.stderr.write(
    `Ringback could not start.\n${error instanceof Error ? error.message : String(error)}\n${hint}\n`,
  );
  process.exitCode = error instanceof ConfigRefused ? 2 : 1;
}
