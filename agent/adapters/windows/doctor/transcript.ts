/**
 * What was run and what it printed, for somebody who was not there. Recovery passwords, keys and enrolment tokens are taken
 * out before anything is kept; names of people, machines and domains stay, and the file says so.
 */
import type { RunTool } from "../ports.ts";

const OUTPUT_LETTERS_MAX = 32_768;
const ENTRIES_MAX = 200;

const SECRETS: readonly RegExp[] = [
  /\b(?:\d{6}-){7}\d{6}\b/g, // a BitLocker recovery password
  /\brbe_[0-9a-z]{32}\b/g, // an enrolment token
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /(?<=\b(?:password|passwd|pwd|secret|token|authorization)\s*[=:]\s*)\S+/gi,
  /(?<=:\/\/)[^/\s:@]+:[^/\s@]+(?=@)/g, // in an address
];

export const withoutSecrets = (text: string): string =>
  SECRETS.reduce((rest, secret) => rest.replace(secret, "(taken out)"), text);

export interface Transcript {
  /** The same tools, written down. */
  readonly run: RunTool;
  readonly text: () => string;
}

export function transcribe(run: RunTool, now: () => number): Transcript {
  const entries: string[] = [];
  return {
    async run(tool, args, withinMs, variables) {
      const startedAt = now();
      const ran = await run(tool, args, withinMs, variables);
      const outcome =
        ran.kind === "fault"
          ? `${ran.fault}: ${ran.because}`
          : `exit code ${ran.value.exitCode}\n${cut(ran.value.stdout)}${ran.value.stderr === "" ? "" : `\nstderr:\n${cut(ran.value.stderr)}`}`;
      if (entries.length < ENTRIES_MAX)
        entries.push(withoutSecrets(`> ${tool} ${args.join(" ")}\n(${now() - startedAt} ms) ${outcome}\n`));
      return ran;
    },
    text: () => entries.join("\n"),
  };
}

const cut = (text: string): string =>
  text.length > OUTPUT_LETTERS_MAX ? `${text.slice(0, OUTPUT_LETTERS_MAX)}\n(cut: ${text.length} letters)` : text;
