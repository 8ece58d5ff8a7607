/** `approve`: an approver's own look at what he signs, and his signature. */
import type { Command } from "commander";
import { peek } from "../../protocol/dsse.ts";
import { PlanStatement } from "../../protocol/plan.ts";
import { planWords } from "../../protocol/statement-words.ts";
import type { Commands } from "./command.ts";
import { UsageError } from "./errors.ts";
import { mayApprove } from "./may-approve.ts";
import { planOf } from "./plan-commands.ts";
import { digestOfUnsigned, show, SigningOptions, signShown } from "./signing.ts";

export function approveCommand(commands: Commands): Command {
  const summary = "read what a plan does, in words, and approve it with your own key";
  const command = commands.leaf(
    "approve <plan>",
    summary,
    SigningOptions,
    async ({ args, client, options, output, system }) => {
      const id = planOf(args[0]);
      const api = await client();
      const plan = await api.plan(id);
      if (plan.signed === null)
        throw new UsageError(`Plan ${id} was made before approvers had keys of their own. Have it made again.`);
      const statement = peek({ ...plan.signed, signatures: [] }, PlanStatement);
      if (statement.planId !== id)
        throw new UsageError(
          `The controller sent the statement of another plan, ${statement.planId}. Nothing was signed.`,
        );
      show(planWords(statement), output);
      await mayApprove(options.key, await api.trust());
      const { signature, signer } = await signShown(plan.signed, options, system);
      const { keyid: keyId, sig } = signature;
      const approved = await api.addApproval(id, { statementDigest: digestOfUnsigned(plan.signed), keyId, sig });
      const counting = approved.approvals.filter(({ counts }) => counts).map(({ person }) => person);
      output.answer(approved, () => {
        const missing = approved.approvalsNeeded - new Set(counting).size;
        return approved.approval === "approved"
          ? `Approved by ${counting.join(", ")}. To begin: ringback rollouts start ${id}`
          : `${signer.name} has approved. ${missing > 0 ? `${missing} more must.` : "An approval by a key file is still needed."}`;
      });
      return undefined;
    },
  );
  return signing(command);
}

const signing = (command: Command): Command =>
  command
    .requiredOption("--key <file>", "your key file, as `keys make` wrote it")
    .option("--passphrase-file <file>", "for scripts: a file whose first line is the passphrase; - for standard input")
    .option("--digest <sha256>", "for scripts: what is signed must have this digest; you are not asked then");
