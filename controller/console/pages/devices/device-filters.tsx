/** The filters of the list. Each is in the address, takes effect at once and can be taken away below. */
import { NativeSelect } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconSelector, IconX } from "@tabler/icons-react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { Condition } from "../../../../protocol/api.ts";
import { DeviceStanding } from "../../../../protocol/enrolment.ts";
import { CONDITIONS } from "../../words/conditions.ts";
import { CONNECTED, CRASHED, GONE } from "../../words/devices.ts";
import { STANDINGS } from "../../words/standings.ts";
import { changed, type Changes, cleared } from "./device-address.ts";
import styles from "./device-filters.module.css";
import { FacetFilter } from "./facet-filter.tsx";
import { SearchBox } from "./search-box.tsx";
import { useContentName } from "./use-content-name.ts";

export function DeviceFilters() {
  const [query] = useSearchParams();
  const isNarrow = useMediaQuery("(max-width: 640px)", undefined, { getInitialValueInEffect: false });
  const content = useContentName(query.get("source"), query.get("sha256"));
  return (
    <search className={styles["filters"]}>
      <div className={styles["fields"]}>
        <SearchBox />
        {isNarrow ? (
          <details className={styles["more"]}>
            <summary>More filters</summary>
            <div className={styles["fields"]}>
              <Choices content={content} />
            </div>
          </details>
        ) : (
          <Choices content={content} />
        )}
      </div>
      <Active content={content} />
    </search>
  );
}

function Choices({ content }: { readonly content: string | undefined }) {
  const [query] = useSearchParams();
  const navigate = useNavigate();
  const set = (changes: Changes): void => void navigate(changed(query, changes), { preventScrollReset: true });
  return (
    <>
      <FacetFilter
        label="Site"
        any="any site"
        chosen={query.get("site") ?? undefined}
        choicesIn={({ sites }) => ({
          ...sites,
          items: sites.items.map(({ site, devices }) => ({ key: site, text: site, count: devices })),
        })}
        onChoose={(site) => set({ site })}
      />
      <FacetFilter
        label="Role"
        any="any role"
        chosen={query.get("role") ?? undefined}
        choicesIn={({ roles }) => ({
          ...roles,
          items: roles.items.map(({ role, devices }) => ({ key: role, text: role, count: devices })),
        })}
        onChoose={(role) => set({ role })}
      />
      <FacetFilter
        label="Content version"
        any="any version"
        chosen={content}
        choicesIn={(facets) => ({
          ...facets.content,
          items: facets.content.items.map(({ source, sha256, label, devices }) => ({
            key: `${source} ${sha256}`,
            text: `${source} ${label}`,
            count: devices,
          })),
        })}
        onChoose={(key) => {
          const [source, sha256] = key?.split(" ") ?? [];
          set({ source, sha256 });
        }}
      />
      <YesNo label="Connection" name="connected" words={CONNECTED} onChoose={(connected) => set({ connected })} />
      <YesNo label="Crashes" name="crashed" words={CRASHED} onChoose={(crashed) => set({ crashed })} />
    </>
  );
}

interface YesNoProps {
  readonly label: string;
  readonly name: "connected" | "crashed";
  readonly words: { readonly yes: string; readonly no: string };
  readonly onChoose: (value: string) => void;
}

function YesNo({ label, name, words, onChoose }: YesNoProps) {
  const [query] = useSearchParams();
  return (
    <NativeSelect
      label={label}
      size="sm"
      value={query.get(name) ?? ""}
      data={[
        { value: "", label: "any" },
        { value: "yes", label: words.yes },
        { value: "no", label: words.no },
      ]}
      onChange={(event) => onChoose(event.currentTarget.value)}
      rightSection={<IconSelector size={16} aria-hidden />}
    />
  );
}

interface ActiveFilter {
  readonly what: string;
  readonly value: string;
  readonly without: Changes;
}

/** What the list is filtered by, each to be taken away. */
function Active({ content }: { readonly content: string | undefined }) {
  const [query] = useSearchParams();
  const filters = activeFilters(query, content);
  if (filters.length === 0) return null;
  return (
    <ul aria-label="Filters that are set" className={styles["active"]}>
      {filters.map(({ what, value, without }) => (
        <li key={what}>
          <Link
            to={changed(query, without)}
            preventScrollReset
            className={styles["chip"]}
            aria-label={`Remove filter ${what}: ${value}`}
          >
            <span className="muted">{what}</span> {value} <IconX size={14} aria-hidden />
          </Link>
        </li>
      ))}
      <li>
        <Link to={cleared(query)} preventScrollReset className={styles["clear"]}>
          Clear all
        </Link>
      </li>
    </ul>
  );
}

function activeFilters(query: URLSearchParams, content: string | undefined): ActiveFilter[] {
  const filters: ActiveFilter[] = [];
  const add = (what: string, value: string | null | undefined, without: Changes): void => {
    if (value !== null && value !== undefined) filters.push({ what, value, without });
  };
  const condition = query.get("condition");
  const known = Condition.safeParse(condition).data;
  add("Name or id", query.get("search"), { search: undefined });
  add("Condition", known === undefined ? condition : CONDITIONS[known].word, { condition: undefined });
  const standing = DeviceStanding.safeParse(query.get("standing")).data;
  add("Let in", standing === undefined ? query.get("standing") : STANDINGS[standing].word, { standing: undefined });
  add("Of images", query.get("gone") === "yes" ? GONE : query.get("gone"), { gone: undefined });
  add("Site", query.get("site"), { site: undefined });
  add("Role", query.get("role"), { role: undefined });
  add("Content", content, { source: undefined, sha256: undefined });
  add("Connection", wordOf(CONNECTED, query.get("connected")), { connected: undefined });
  add("Crashes", wordOf(CRASHED, query.get("crashed")), { crashed: undefined });
  return filters;
}

/** What the controller does not know stands as it is; it will say so. */
const wordOf = (words: { readonly yes: string; readonly no: string }, value: string | null): string | null =>
  value === "yes" || value === "no" ? words[value] : value;
