/** Looks for a part of a name or id while it is typed; the address follows when the typing pauses. */
import { TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { useAltKey } from "../../hooks/use-alt-key.ts";
import { useSettled } from "../../hooks/use-settled.ts";
import { changed } from "./device-address.ts";

/** Long enough for the next letter, short enough to feel at once. */
const TYPING_PAUSES_MS = 250;

export function SearchBox() {
  const [query] = useSearchParams();
  const navigate = useNavigate();
  const inAddress = query.get("search") ?? "";
  const [text, setText] = useState(inAddress);
  const settled = useSettled(text, TYPING_PAUSES_MS);
  const input = useRef<HTMLInputElement>(null);
  /** What this box last put into the address, or took from it. */
  const known = useRef(inAddress);
  useAltKey("S", () => {
    input.current?.focus();
    input.current?.select();
  });
  const lookFor = (wanted: string): void => {
    const search = wanted.trim();
    if (search === known.current) return;
    // While a search is being typed, "back" leads to before it, not through its letters.
    const replace = known.current !== "";
    known.current = search;
    void navigate(changed(query, { search }), { replace, preventScrollReset: true });
  };
  const onPause = useEffectEvent(lookFor);
  useEffect(() => onPause(settled), [settled]);
  useEffect(() => {
    if (inAddress === known.current) return; // it is what was typed here
    known.current = inAddress;
    setText(inAddress);
  }, [inAddress]);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        lookFor(text);
      }}
    >
      <TextInput
        ref={input}
        type="search"
        label="Name or id"
        size="sm"
        maxLength={100}
        autoComplete="off"
        spellCheck={false}
        aria-keyshortcuts="Alt+S"
        placeholder="part of it is enough"
        leftSection={<IconSearch size={16} aria-hidden />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </form>
  );
}
