/**
 * A choice among more than anyone wants to scroll through: typing narrows it, the server looks. After the ARIA pattern of
 * an editable combobox with a list: arrows move, Enter takes, Escape leaves everything as it was.
 */
import { TextInput } from "@mantine/core";
import { IconSelector } from "@tabler/icons-react";
import { type KeyboardEvent, useId, useRef, useState } from "react";
import { count } from "../words/numbers.ts";
import styles from "./combobox.module.css";

export interface Choice {
  readonly key: string;
  readonly text: string;
  /** How many there are of it. */
  readonly count: number;
}

interface ComboboxProps {
  readonly label: string;
  /** What it says while nothing is chosen: "any site". */
  readonly any: string;
  /** The text of what is chosen. */
  readonly chosen: string | undefined;
  /** What can be chosen now; undefined while that is being asked for. */
  readonly choices: readonly Choice[] | undefined;
  /** How many more choices there are than are listed. */
  readonly more: number;
  /** What is looked for; undefined when the list is closed. */
  readonly onLook: (text: string | undefined) => void;
  /** Undefined: any. */
  readonly onChoose: (key: string | undefined) => void;
}

export function Combobox({ label, any, chosen, choices, more, onLook, onChoose }: ComboboxProps) {
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState<string>();
  const [active, setActive] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const listed = listedChoices(choices, any, chosen !== undefined && (typed ?? "") === "");
  const show = (text: string | undefined): void => {
    setOpen(true);
    setTyped(text);
    setActive(text === undefined || text === "" ? -1 : 0);
    onLook(text ?? "");
  };
  const close = (): void => {
    setOpen(false);
    setTyped(undefined);
    setActive(-1);
    onLook(undefined);
  };
  const choose = (choice: ListedChoice | undefined): void => {
    close();
    if (choice !== undefined) onChoose(choice.key);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      if (!open) show(undefined);
      else if (listed.length > 0) setActive((active + step + listed.length) % listed.length);
    } else if (event.key === "Enter" && open) {
      event.preventDefault();
      const choice = listed[active];
      if (choice !== undefined) choose(choice);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      close();
    }
  };
  const hasList = open && listed.length > 0;
  return (
    <div className={styles["combobox"]}>
      <TextInput
        ref={input}
        label={label}
        size="sm"
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- it renders an input
        role="combobox"
        autoComplete="off"
        aria-expanded={hasList}
        aria-autocomplete="list"
        aria-controls={hasList ? `${id}-list` : undefined}
        aria-activedescendant={hasList && active >= 0 ? `${id}-${active}` : undefined}
        placeholder={any}
        value={typed ?? chosen ?? ""}
        onChange={(event) => show(event.currentTarget.value)}
        onClick={() => {
          if (!open) show(undefined);
          input.current?.select();
        }}
        onBlur={close}
        onKeyDown={onKeyDown}
        rightSection={<IconSelector size={16} aria-hidden />}
        rightSectionPointerEvents="none"
      />
      {open && (
        <div className={styles["popup"]}>
          {hasList && <List id={id} label={label} listed={listed} active={active} onChoose={choose} />}
          <p className={styles["note"]}>{noteOn(choices, listed, more)}</p>
        </div>
      )}
    </div>
  );
}

interface ListedChoice {
  readonly key: string | undefined;
  readonly text: string;
  readonly count: number | undefined;
}

function listedChoices(choices: readonly Choice[] | undefined, any: string, withAny: boolean): ListedChoice[] {
  return [...(withAny ? [{ key: undefined, text: any, count: undefined }] : []), ...(choices ?? [])];
}

function noteOn(choices: readonly Choice[] | undefined, listed: readonly ListedChoice[], more: number): string {
  if (choices === undefined) return "Looking…";
  if (listed.length === 0) return "Nothing fits, with the other filters as they are.";
  return more > 0 ? `${count(more)} more: type a part of the name.` : "";
}

interface ListProps {
  readonly id: string;
  readonly label: string;
  readonly listed: readonly ListedChoice[];
  readonly active: number;
  readonly onChoose: (choice: ListedChoice) => void;
}

function List({ id, label, listed, active, onChoose }: ListProps) {
  return (
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a datalist shows no counts and cannot be narrowed by a server
    <div id={`${id}-list`} role="listbox" aria-label={label} className={styles["list"]}>
      {listed.map((choice, i) => (
        // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- the focus and the keys are the input's
        <div
          key={choice.key ?? ""}
          id={`${id}-${i}`}
          ref={i === active ? scrollIntoView : null}
          // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- of a list that is no select
          role="option"
          aria-selected={i === active}
          className={styles["choice"]}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onChoose(choice)}
        >
          <span>{choice.text}</span>
          {choice.count !== undefined && <span className={styles["count"]}>{count(choice.count)}</span>}
        </div>
      ))}
    </div>
  );
}

const scrollIntoView = (element: HTMLElement | null): void => element?.scrollIntoView({ block: "nearest" });
