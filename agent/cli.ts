/** The agent's commands, the same on every kind of machine; what differs is asked of the host. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Command } from "commander";
import { z } from "zod";
import { Sha256 } from "../protocol/canonical.ts";
import { readCatalogue } from "./adapters/catalogue.ts";
import type { EnrolmentSettings } from "./adapters/enrolment/settings.ts";
import type { SystemProxy } from "./adapters/proxy/line.ts";
import { type AgentConfigInput, ConfigInvalid, GivenSettings } from "./config.ts";
import { AGENT_VERSION } from "./version.ts";

/** WMI on a slow Windows machine takes some seconds. */
const INVENTORY_WITHIN_MS = 10_000;

/** What an entry point knows of its machines. `machine` is empty where there is but one. */
export interface AgentHost {
  readonly program: string;
  /** What `--machine` names; undefined where it is always this machine, and nobody is asked. */
  readonly machineOption: string | undefined;
  stateFolder(machine: string): string;
  /** Makes the state folder, for the agent alone. @throws if one is there that others could have filled */
  makeStateFolder(folder: string): Promise<void>;
  /** The machine's own setting for proxies; undefined: it has none. */
  readonly systemProxy: SystemProxy | undefined;
  run(machine: string, logFile: string | undefined): Promise<void>;
  /** Commands that this kind of machine alone has. */
  addCommands?(program: Command): void;
  /** For machines that are registered by hand. */
  init?(
    machine: string,
    settings: { readonly config: Omit<AgentConfigInput, "deviceId">; readonly trustRoot?: Sha256 },
  ): Promise<{ readonly id: string; readonly publicKey: string }>;
}

export async function runCommand(host: AgentHost, argv: readonly string[]): Promise<void> {
  const forMachine = (command: Command): Command =>
    host.machineOption === undefined ? command : command.requiredOption("--machine <folder>", host.machineOption);
  const program = new Command(host.program)
    .description("Ringback's agent: reports every boot and carries out orders that approvers have signed.")
    .version(AGENT_VERSION);

  forMachine(program.command("run"))
    .description("run the agent until it is told to stop (SIGTERM: the machine goes down; SIGINT: the service stops)")
    .option("--log <file>", "write the log (JSON lines) to this file instead of standard error")
    .action(({ machine = "", log }: { machine?: string; log?: string }) => host.run(machine, log));

  if (host.init !== undefined) addInit(forMachine(program.command("init")), host.init.bind(host));

  forMachine(program.command("enrol"))
    .description("make this device's id and key and enrol it at a controller, which is believed by its pins alone")
    .requiredOption("--controller <url...>", "as https://controller.example:8443")
    .requiredOption("--token-file <file>", "holds the enrolment token; deleted when the device is enrolled")
    .requiredOption("--ca-sha256 <hex>", "CA_SHA256 as `ringback trust pins` prints it")
    .requiredOption("--trust-root-sha256 <hex>", "TRUST_ROOT_SHA256 of your trust root")
    .requiredOption("--group <group>", "the group that the token is for")
    .option("--binding <binding>", "direct: TLS ends in the controller; front: in a proxy before it", "direct")
    .option("--name <name>", "instead of the machine's own name")
    .option("--image <image>", "of a machine made from this image and thrown away again")
    .option("--proxy <proxy>", "system (this machine's setting; the default), none, or http://proxy.example:3128")
    .option("--config <file>", "more settings, as JSON: sources, allowedRoots, services, goodAfterMs, ...")
    .option("--source <id...>", "watch this content source of the agent's own catalogue, as crowdstrike.channel-291")
    .option("--at-first-start", "only write the settings down: the agent enrols when it first starts")
    .action(async (options: EnrolOptions) => {
      const [{ enrol }, { writeEnrolmentSettings }] = await Promise.all([
        import("./adapters/enrolment/enrol.ts"),
        import("./adapters/enrolment/settings.ts"),
      ]);
      const folder = host.stateFolder(options.machine ?? "");
      const settings = await enrolmentSettingsOf(options);
      await host.makeStateFolder(folder);
      await writeEnrolmentSettings(folder, settings);
      if (options.atFirstStart === true) {
        process.stdout.write("The settings are written; the agent enrols when it first starts.\n");
        return;
      }
      process.stdout.write(`${JSON.stringify(await enrol(folder, settings, host.systemProxy), undefined, 2)}\n`);
    });

  forMachine(program.command("seal"))
    .description("remove what makes this machine one device, so that each copy of it enrols by itself")
    .action(async ({ machine = "" }: { machine?: string }) => {
      const { seal } = await import("./adapters/enrolment/seal.ts");
      const { tokenFile, hasToken } = await seal(host.stateFolder(machine));
      const next = hasToken
        ? "Each copy enrols with the token in it."
        : `There is no token in ${tokenFile}: put one there, for as many devices as there will be copies, before you copy the machine.`;
      process.stdout.write(`Sealed: id, key and records are gone, settings and pins stay. ${next}\n`);
    });

  forMachine(program.command("status"))
    .description(
      "what the agent's records on this machine say: last boots, what waits to be reported, the order under way",
    )
    .option("--json", "as one JSON document")
    .action(async ({ machine = "", json }: { machine?: string; json?: boolean }) => {
      const { readStatus, tellStatus } = await import("./status.ts");
      const status = await readStatus(host.stateFolder(machine));
      process.stdout.write(json === true ? `${JSON.stringify(status, undefined, 2)}\n` : tellStatus(status));
    });

  program
    .command("inventory")
    .description("what machine this is: maker, model, system, memory; may take ten seconds")
    .option("--json", "as one JSON document")
    .action(async ({ json }: { json?: boolean }) => {
      const { takeInventory, tellInventory } = await import("./adapters/inventory.ts");
      const inventory = await takeInventory(INVENTORY_WITHIN_MS);
      process.stdout.write(json === true ? `${JSON.stringify(inventory, undefined, 2)}\n` : tellInventory(inventory));
    });

  program
    .command("inspect")
    .description(
      "what event logs (.evtx, or XML of wevtutil), kernel crash dumps and Startup Repair's SrtTrail.txt say: " +
        "how boots ended, and which driver is suspect",
    )
    .argument("<file...>", "files, whatever they are called; they are only read")
    .option("--json", "as one JSON document a file, one a line")
    .action(async (files: string[], { json }: { json?: boolean }) => {
      const { inspectFiles } = await import("./inspect-files.ts");
      // Piped into a program that has seen enough, `head` for instance: nobody is left to tell.
      process.stdout.on("error", () => process.exit());
      if (inspectFiles(files, json === true, process.stdout, process.stderr) > 0) process.exitCode = 1;
    });

  host.addCommands?.(program);
  await program.parseAsync(argv);
}

function addInit(command: Command, init: NonNullable<AgentHost["init"]>): void {
  command
    .description("make this device's id, key and settings, and print the id and public key for its registration")
    .requiredOption("--controller <url...>", "where the controller listens, as wss://controller.example:8443/agent/v1")
    .option("--proxy <proxy>", "system (this machine's setting; the default), none, or http://proxy.example:3128")
    .option("--config <file>", "more settings, as JSON: sources, allowedRoots, services, goodAfterMs, ...")
    .option(
      "--trust-root-sha256 <hex>",
      "the digest of the trust document to begin with, as `ringback trust pins` says",
    )
    .option("--source <id...>", "watch this content source of the agent's own catalogue, as crowdstrike.channel-291")
    .action(async (options: InitOptions) => {
      const config = await settingsOf(options);
      const { trustRootSha256: pin } = options;
      const trust = pin === undefined ? {} : { trustRoot: Sha256.parse(pin) };
      const made = await init(options.machine ?? "", { config, ...trust });
      process.stdout.write(`${JSON.stringify(made, undefined, 2)}\n`);
    });
}

interface EnrolOptions {
  readonly machine?: string;
  readonly controller: string[];
  readonly tokenFile: string;
  readonly caSha256: string;
  readonly trustRootSha256: string;
  readonly group: string;
  readonly binding: string;
  readonly name?: string;
  readonly image?: string;
  readonly proxy?: string;
  readonly config?: string;
  readonly source?: readonly string[];
  readonly atFirstStart?: boolean;
}

/** @throws ConfigInvalid */
async function enrolmentSettingsOf(options: EnrolOptions): Promise<EnrolmentSettings> {
  const { EnrolmentSettings: Schema } = await import("./adapters/enrolment/settings.ts");
  const { controllers: _, ...config } = await settingsOf(options);
  const { controller, tokenFile, group, binding, name, image, caSha256, trustRootSha256 } = options;
  const parsed = Schema.safeParse({
    controllers: controller,
    tokenFile: resolve(tokenFile),
    group,
    binding,
    ...(name === undefined ? {} : { name }),
    ...(image === undefined ? {} : { image }),
    pins: { caSha256: caSha256.toLowerCase(), trustRootSha256: trustRootSha256.toLowerCase() },
    config,
  });
  if (parsed.success) return parsed.data;
  throw new ConfigInvalid(`these settings cannot be used:\n${z.prettifyError(parsed.error)}`);
}

interface InitOptions {
  readonly machine?: string;
  readonly controller: string[];
  readonly proxy?: string;
  readonly config?: string;
  readonly trustRootSha256?: string;
  readonly source?: readonly string[];
}

/** @throws ConfigInvalid */
async function settingsOf(
  options: Pick<InitOptions, "controller" | "proxy" | "config" | "source">,
): Promise<Omit<AgentConfigInput, "deviceId">> {
  const more = options.config === undefined ? {} : await readAs(GivenSettings, options.config);
  const catalogue = readCatalogue();
  const chosen = (options.source ?? []).map((id) => {
    const source = catalogue.get(id);
    if (source !== undefined) return source;
    throw new ConfigInvalid(`there is no content source ${id}; there are: ${[...catalogue.keys()].join(", ")}`);
  });
  const sources = [...(more.sources ?? []), ...chosen];
  const proxy = options.proxy === undefined ? {} : { proxy: options.proxy };
  // Without a word about sources, the machine's own default counts.
  return { ...more, ...proxy, ...(sources.length === 0 ? {} : { sources }), controllers: options.controller };
}

/** @throws ConfigInvalid that names the field */
async function readAs<Value>(schema: z.ZodType<Value>, path: string): Promise<Value> {
  const parsed = schema.safeParse(JSON.parse(await readFile(path, "utf8")));
  if (parsed.success) return parsed.data;
  throw new ConfigInvalid(`${path} cannot be used:\n${z.prettifyError(parsed.error)}`);
}
