/** A filter whose choices the controller knows: sites, roles, content versions, each with the devices it would leave. */
import { useState } from "react";
import { useSearchParams } from "react-router";
import type { z } from "zod";
import { DeviceFacets } from "../../../../protocol/api-devices.ts";
import { type Choice, Combobox } from "../../components/combobox.tsx";
import { useSettled } from "../../hooks/use-settled.ts";
import { useView } from "../../hooks/use-view.ts";
import { filtersOf } from "./device-address.ts";

const TYPING_PAUSES_MS = 150;
const SHOWN_MAX = 50;

interface FacetFilterProps {
  readonly label: string;
  readonly any: string;
  readonly chosen: string | undefined;
  readonly choicesIn: (facets: z.infer<typeof DeviceFacets>) => {
    readonly items: readonly Choice[];
    readonly choices: number;
  };
  readonly onChoose: (key: string | undefined) => void;
}

export function FacetFilter({ label, any, chosen, choicesIn, onChoose }: FacetFilterProps) {
  const [query] = useSearchParams();
  const [look, setLook] = useState<string>();
  const settled = useSettled(look, TYPING_PAUSES_MS);
  const asked = filtersOf(query);
  asked.set("limit", String(SHOWN_MAX));
  if (settled !== undefined && settled.trim() !== "") asked.set("find", settled.trim());
  const view = useView(DeviceFacets, `/devices/facets?${asked.toString()}`, [{ topic: "fleet" }], {
    keepFormer: true,
    when: look !== undefined,
  });
  const found = view.kind === "here" ? choicesIn(view.data) : undefined;
  return (
    <Combobox
      label={label}
      any={any}
      chosen={chosen}
      choices={found?.items}
      more={found === undefined ? 0 : found.choices - found.items.length}
      onLook={setLook}
      onChoose={onChoose}
    />
  );
}
