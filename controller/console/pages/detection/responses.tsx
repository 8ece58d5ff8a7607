/** What the controller may do by itself about each content source, and the form that changes it. */
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { IconSelector } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { z } from "zod";
import { type ResponseRule, ResponseRulesView } from "../../../../protocol/api-incidents.ts";
import { ContentSourceId } from "../../../../protocol/content.ts";
import { RESPONSE_MODES } from "../../../../protocol/incident-words.ts";
import { ResponseMode } from "../../../../protocol/incident.ts";
import { setResponses } from "../../api/calls.ts";
import { ApiCall } from "../../components/api-call.tsx";
import { Failure } from "../../components/failure.tsx";
import { Moment } from "../../components/moment.tsx";
import { Notice } from "../../components/notice.tsx";
import { Panel } from "../../components/panel.tsx";
import { ViewPart } from "../../components/view-part.tsx";
import { useView } from "../../hooks/use-view.ts";
import styles from "./detection.module.css";

type Rule = z.infer<typeof ResponseRule>;

const MODES = ResponseMode.options;
const EVERY_OTHER = "*";
/** What holds for a source without any rule, as the API says it. */
const WITHOUT_RULE: ResponseMode = "propose";

export function Responses() {
  const view = useView(ResponseRulesView, "/detection/responses", [{ topic: "incident" }]);
  return (
    <Panel title="What is done by itself" id="responses">
      <ul className={styles["modes"]}>
        {MODES.map((mode) => (
          <li key={mode}>
            <strong>{RESPONSE_MODES[mode].word}</strong>: {RESPONSE_MODES[mode].meaning}
          </li>
        ))}
      </ul>
      <ViewPart what="Rules" view={view}>
        {(rules) => (
          <>
            {/* The key makes the form follow what somebody else has changed; while one edits, it is the same. */}
            <RulesForm key={rules.changedAt ?? 0} rules={rules.rules} />
            {rules.changedAt !== null && (
              <p className="muted">
                Changed last at <Moment at={rules.changedAt} /> by {rules.changedBy ?? "somebody not known"}.
              </p>
            )}
          </>
        )}
      </ViewPart>
      <ApiCall path="/detection/responses" command="npm run ringback -- detection responses get" />
    </Panel>
  );
}

const withOthers = (rules: readonly Rule[]): Rule[] => {
  const own = rules.filter(({ source }) => source !== EVERY_OTHER);
  const others = rules.find(({ source }) => source === EVERY_OTHER)?.mode ?? WITHOUT_RULE;
  return [...own, { source: EVERY_OTHER, mode: others }];
};

function RulesForm({ rules: saved }: { readonly rules: readonly Rule[] }) {
  const [rules, setRules] = useState(() => withOthers(saved));
  const [typed, setTyped] = useState("");
  const client = useQueryClient();
  const saving = useMutation({
    mutationFn: async () => await setResponses({ rules }),
    onSuccess: async () => await client.invalidateQueries(),
  });
  const isChanged = JSON.stringify(rules) !== JSON.stringify(withOthers(saved));
  const source = ContentSourceId.safeParse(typed.trim()).data;
  const isKnown = rules.some((rule) => rule.source === source);
  const set = (at: Rule["source"], mode: ResponseMode): void =>
    setRules(rules.map((rule) => (rule.source === at ? { source: at, mode } : rule)));
  const add = (): void => {
    if (source === undefined || isKnown) return;
    setRules([{ source, mode: WITHOUT_RULE }, ...rules]);
    setTyped("");
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isChanged && !saving.isPending) saving.mutate();
  };
  return (
    <form onSubmit={submit} className={styles["form"]}>
      <ul className={styles["rules"]} aria-label="Rules by content source">
        {rules.map((rule) => {
          const name = rule.source === EVERY_OTHER ? "Every other source" : rule.source;
          return (
            <li key={rule.source}>
              <NativeSelect
                label={name}
                size="sm"
                value={rule.mode}
                data={MODES.map((mode) => ({ value: mode, label: RESPONSE_MODES[mode].word }))}
                rightSection={<IconSelector size={16} aria-hidden />}
                onChange={(event) => set(rule.source, ResponseMode.parse(event.currentTarget.value))}
              />
              {rule.source !== EVERY_OTHER && (
                <Button
                  variant="subtle"
                  size="compact-md"
                  aria-label={`Remove the rule of ${name}`}
                  onClick={() => setRules(rules.filter((other) => other !== rule))}
                >
                  Remove
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      <div className={styles["add"]}>
        <TextInput
          label="A source with a rule of its own"
          description="As the list of content names it: acme.channel-291"
          size="sm"
          maxLength={120}
          value={typed}
          error={typed.trim() !== "" && source === undefined ? "Not the name of a content source" : undefined}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || source === undefined) return;
            event.preventDefault();
            add();
          }}
        />
        <Button variant="default" disabled={source === undefined || isKnown} onClick={add}>
          Add
        </Button>
      </div>
      {rules.some(({ mode }) => mode === "act") && (
        <Notice tone="warn">
          <p>With “Act”, rollouts halt and vendors are asked to pause before a person has looked.</p>
        </Notice>
      )}
      {saving.error !== null && <Failure error={saving.error} />}
      <div className={styles["buttons"]}>
        <Button type="submit" disabled={!isChanged} loading={saving.isPending}>
          Save the rules
        </Button>
        {isChanged && (
          <Button variant="default" onClick={() => setRules(withOthers(saved))}>
            Undo the changes
          </Button>
        )}
        <output aria-live="polite">
          {saving.isSuccess && !isChanged ? "Saved." : isChanged ? "Not saved yet." : ""}
        </output>
      </div>
    </form>
  );
}
