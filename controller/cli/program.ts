/** The command line as a whole: NOUN VERB, over the REST interface and nothing else. */
import { Command, CommanderError } from "commander";
import { Commands, type System } from "./command.ts";
import { emergencyCommand, holdsCommand, refusalsCommand, stopEverythingCommand } from "./emergency-commands.ts";
import { ApiProblem, EXIT, type ExitCode, exitCodeOf } from "./errors.ts";
import { devicesCommand, statusCommand } from "./fleet-commands.ts";
import { evidenceCommand } from "./evidence-commands.ts";
import { groupsCommand } from "./group-commands.ts";
import { contentCommand } from "./content-commands.ts";
import { detectionCommand } from "./detection-commands.ts";
import { incidentsCommand } from "./incident-commands.ts";
import { keysCommand } from "./key-commands.ts";
import { clean } from "./output.ts";
import { plansCommand } from "./plan-commands.ts";
import { policyCommand } from "./policy-commands.ts";
import { libraryCommand } from "./proposal-commands.ts";
import { trustCommand } from "./trust-commands.ts";
import { approveCommand } from "./approve-command.ts";
import { rolloutsCommand } from "./rollout-commands.ts";
import { tokensCommand } from "./token-commands.ts";
import { connectorsCommand, webhooksCommand } from "./webhook-commands.ts";
import { loginCommand, logoutCommand, setupCommand } from "./session-commands.ts";

const EXIT_CODES = `
Exit codes: 0 done, 1 error, 2 usage, 3 not found, 4 not signed in or not allowed, 5 conflict or
precondition, 6 timed out waiting, 7 rollout halted or aborted, 8 waiting for approval.

First steps:
  ringback setup --link 'http://127.0.0.1:8480/setup#code=...' --name 'Your Name'
  ringback status
`;

/** Carries out one command line. Never throws: what went wrong is on stderr and in the exit code. */
export async function run(args: readonly string[], system: System): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  const program = programFor(system, (finished) => {
    code = finished;
  });
  try {
    await program.parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage; // it has said why
    system.stderr.write(`${complaint(error)}\n`);
    return exitCodeOf(error);
  }
}

function programFor(system: System, finished: (code: ExitCode) => void): Command {
  const commands = new Commands(system, finished);
  const program = new Command("ringback")
    .description("Undo a faulty security update on a fleet of Windows machines, in stages.")
    .option("--url <url>", "the controller; or RINGBACK_URL, or the one you signed in to")
    .option("--token-file <file>", "a file that holds the token; - for standard input")
    .option("--ca-file <file>", "the controller's authority, PEM; or RINGBACK_CA_FILE; kept when you sign in")
    .option("--json", "print one JSON document")
    .option("--no-color", "no colours; also NO_COLOR")
    .addHelpText("after", EXIT_CODES);
  for (const command of [
    statusCommand,
    devicesCommand,
    groupsCommand,
    contentCommand,
    incidentsCommand,
    detectionCommand,
    libraryCommand,
    plansCommand,
    rolloutsCommand,
    approveCommand,
    tokensCommand,
    trustCommand,
    policyCommand,
    keysCommand,
    evidenceCommand,
    stopEverythingCommand,
    emergencyCommand,
    holdsCommand,
    refusalsCommand,
    webhooksCommand,
    connectorsCommand,
    setupCommand,
    loginCommand,
    logoutCommand,
  ]) {
    program.addCommand(command(commands));
  }
  for (const command of withAllBelow(program)) {
    command.exitOverride().configureOutput({
      writeOut: (text) => void system.stdout.write(text),
      writeErr: (text) => void system.stderr.write(text),
    });
  }
  return program;
}

const withAllBelow = (command: Command): Command[] => [command, ...command.commands.flatMap(withAllBelow)];

/** What happened, with the faults of single fields and the id under which the controller's log has more. */
function complaint(error: unknown): string {
  if (!(error instanceof Error)) return `error: ${clean(String(error))}`;
  const lines = [`error: ${clean(error.message)}`];
  if (error instanceof ApiProblem) {
    for (const { path, message } of error.faults) lines.push(`  ${clean(path)}: ${clean(message)}`);
    if (error.requestId !== undefined) lines.push(`request id: ${error.requestId}`);
  }
  return lines.join("\n");
}
