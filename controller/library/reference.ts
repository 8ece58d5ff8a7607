/** The playbook library as a page to read. Pure: made of the entries alone. */
import { LIBRARY_PARAMETERS, type LibraryPlaybook } from "../../protocol/library.ts";
import { parametersOf } from "./bind.ts";
import type { LibraryItem } from "./load.ts";

const HEAD = `# Playbooks

<!-- Written by \`npm run docs:playbooks\` from controller/library/playbooks. -->

What Ringback can undo, and what it cannot. Each entry was written after an incident that has happened; \`ringback\` and the
console propose the one that fits an incident, with the devices and waves. Nothing is done on any device before approvers
have signed the plan that is made of it.

What follows from an incident (digests, the file's folder) is filled in. What a person has to say is named under *To be said*:
\`POST /api/v1/incidents/{id}/plan\` takes it as \`parameters\`.
`;

export function referenceOf(items: readonly LibraryItem[]): string {
  const table = items.map(({ entry: { name, title, after, drill, noRollback } }) => {
    return `| [${name}](#${name}) | ${title} | ${after} | ${noRollback === undefined ? "yes" : "no"} | \`${drill}\` |`;
  });
  return [
    HEAD,
    "| playbook | what it does | written after | steps | drill |",
    "|---|---|---|---|---|",
    ...table,
    "",
    ...items.map(sectionOf),
  ].join("\n");
}

function sectionOf({ entry, yaml }: LibraryItem): string {
  const said = parametersOf(entry).filter((name) => LIBRARY_PARAMETERS[name].from === "person");
  const steps = /^steps:\n[\s\S]*$/m.exec(yaml)?.[0].trimEnd();
  return [
    `## ${entry.name}`,
    "",
    `**${entry.title}.** ${entry.summary}`,
    "",
    ...factsOf(entry).map(([word, value]) => `- **${word}:** ${value}`),
    "",
    ...listed(
      "To be said",
      said.map((name) => `\`${name}\`: ${LIBRARY_PARAMETERS[name].what}`),
    ),
    ...listed("In this order", entry.order),
    ...listed("Before it can work", entry.needs),
    ...listed("What the vendor's protection permits", entry.permits),
    ...listed(
      "Roles",
      entry.roles.map(({ role, rule }) => `\`${role}\`: ${rule}`),
    ),
    ...listed("To be restored afterwards", entry.restoreAfterwards),
    ...listed("What it does not do", entry.doesNot),
    ...(entry.noRollback === undefined
      ? []
      : [
          `Nothing can be rolled back: ${entry.noRollback.because}`,
          "",
          ...listed("Instead", entry.noRollback.instead),
        ]),
    ...(steps === undefined ? [] : ["```yaml", steps, "```", ""]),
  ].join("\n");
}

const factsOf = ({ after, sources, labels, looksLike, restarts, drill }: LibraryPlaybook) => [
  ["Written after", after],
  ["Looks like", looksLike],
  ["Sources", sources.map((source) => `\`${source}\``).join(", ")],
  ...(labels === undefined ? [] : [["Versions", labels.join(", ")] as const]),
  ["Restarts the machine", restarts ? "yes" : "no"],
  ["Drill", `\`npm run simulate -- --scenario ${drill}\``],
];

const listed = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [`${title}:`, "", ...lines.map((line) => `- ${line}`), ""];
