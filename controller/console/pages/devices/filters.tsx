/** The filters of a list. Applying writes them into the address; a new filter begins at the first page. */
import { Button, NativeSelect, TextInput } from "@mantine/core";
import type { FormEvent } from "react";
import { useSearchParams } from "react-router";
import styles from "./filters.module.css";

interface Filter {
  readonly name: string;
  readonly label: string;
  /** A choice instead of free text. */
  readonly options?: readonly { readonly value: string; readonly label: string }[];
}

export function Filters({ filters }: { readonly filters: readonly Filter[] }) {
  const [query, setQuery] = useSearchParams();
  const apply = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const chosen = filters.flatMap(({ name }): [string, string][] => {
      const value = form.get(name);
      return typeof value === "string" && value.trim() !== "" ? [[name, value.trim()]] : [];
    });
    setQuery(new URLSearchParams(chosen));
  };
  return (
    // the key makes the fields follow the address when a link changes it
    <search>
      <form key={query.toString()} onSubmit={apply} className={styles["filters"]}>
        {filters.map(({ name, label, options }) => {
          const value = query.get(name) ?? "";
          if (options === undefined)
            return <TextInput key={name} name={name} label={label} defaultValue={value} size="sm" />;
          const data = [{ value: "", label: "any" }, ...options];
          return <NativeSelect key={name} name={name} label={label} defaultValue={value} data={data} size="sm" />;
        })}
        <Button type="submit" variant="default">
          Filter
        </Button>
        {query.size > 0 && (
          <Button variant="subtle" onClick={() => setQuery({})}>
            Clear
          </Button>
        )}
      </form>
    </search>
  );
}
