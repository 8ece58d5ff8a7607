/** The devices, filtered, ordered and paged by the server. Everything is in the address, so that a list can be handed on. */
import { NativeSelect } from "@mantine/core";
import { IconSelector } from "@tabler/icons-react";
import { Link, useNavigate, useSearchParams } from "react-router";
import type { z } from "zod";
import { Condition } from "../../../../protocol/api.ts";
import { DevicePage } from "../../../../protocol/api-devices.ts";
import { ApiCall } from "../../components/api-call.tsx";
import { Empty } from "../../components/empty.tsx";
import { Newcomers } from "../../components/newcomers.tsx";
import { NoDevices } from "../../components/no-devices.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { Pager } from "../../components/pager.tsx";
import { Panel } from "../../components/panel.tsx";
import { useResultAnnouncement } from "../../components/announcer.tsx";
import { useView } from "../../hooks/use-view.ts";
import { CONDITIONS } from "../../words/conditions.ts";
import { GONE } from "../../words/devices.ts";
import { count, counted } from "../../words/numbers.ts";
import { ConditionChips } from "./condition-chips.tsx";
import { changed, cleared, commandOf } from "./device-address.ts";
import { DeviceFilters } from "./device-filters.tsx";
import { DevicesTable } from "./devices-table.tsx";
import { StandingChips } from "./standing-chips.tsx";
import styles from "./devices-page.module.css";

type Page = z.infer<typeof DevicePage>;

export function DevicesPage() {
  const [query] = useSearchParams();
  const condition = Condition.safeParse(query.get("condition")).data;
  const path = `/devices?${query.toString()}`;
  const view = useView(DevicePage, path, [{ topic: "fleet" }], { keepFormer: true });
  const title = condition === undefined ? "Devices" : `Devices: ${CONDITIONS[condition].word.toLowerCase()}`;
  const answered = view.kind === "here" && !view.isFormer;
  useResultAnnouncement(path, answered ? summary(view.data, query) : undefined);
  return (
    <PageFrame title={title} view={view} asOf={({ asOf }) => asOf} controls={<DeviceFilters />}>
      {(page, now) => (
        <>
          {query.get("standing") === null && <Newcomers standings={page.standings} />}
          {page.fleet + page.gone === 0 ? <NoDevices /> : <List page={page} now={now} isFormer={!answered} />}
          <ApiCall path={path} command={commandOf(query)} />
        </>
      )}
    </PageFrame>
  );
}

interface ListProps {
  readonly page: Page;
  readonly now: number;
  readonly isFormer: boolean;
}

function List({ page, now, isFormer }: ListProps) {
  const { items, next, previous, before, total, conditions, standings } = page;
  const [query] = useSearchParams();
  return (
    <Panel title={summary(page, query)} aside={<ListOptions />}>
      <StandingChips counts={standings} />
      <ConditionChips counts={conditions} />
      <div className={styles["list"]} aria-busy={isFormer} data-former={isFormer}>
        {items.length > 0 && <DevicesTable devices={items} now={now} />}
        {items.length === 0 && total > 0 && (
          <Empty what="No device on this page any more.">
            <p>
              The list has become shorter. <Link to={changed(query, {})}>Go to its first page</Link>.
            </p>
          </Empty>
        )}
        {total === 0 && <NoMatch conditions={conditions} />}
      </div>
      {page.gone > 0 && query.get("gone") === null && (
        <p className="muted">
          {counted(page.gone, "machine")} of images {page.gone === 1 ? "was" : "were"} {GONE} and{" "}
          {page.gone === 1 ? "is" : "are"} left out here and in every count.{" "}
          <Link to={changed(new URLSearchParams(), { gone: "yes" })}>Show {page.gone === 1 ? "it" : "them"}</Link>
        </p>
      )}
      <Pager next={next} previous={previous} range={rangeOf(before, items.length, total)} />
    </Panel>
  );
}

function NoMatch({ conditions }: Pick<Page, "conditions">) {
  const [query] = useSearchParams();
  const others = Object.values(conditions).reduce((sum, devices) => sum + devices, 0);
  return (
    <Empty what="No device matches.">
      {others > 0 && (
        <p>
          In other conditions {others === 1 ? "there is one that does" : `there are ${count(others)} that do`}:{" "}
          <Link to={changed(query, { condition: undefined })}>show any condition</Link>.
        </p>
      )}
      <p>
        Take a filter away, or <Link to={cleared(query)}>clear all filters</Link>.
      </p>
    </Empty>
  );
}

/** "12,431 of 250,000 devices match", or of a list without a filter how many there are. */
function summary({ total, fleet }: Page, query: URLSearchParams): string {
  if (query.get("gone") === "yes") return `${counted(total, "machine")} of images, ${GONE}`;
  return total === fleet ? counted(fleet, "device") : `${count(total)} of ${counted(fleet, "device")} match`;
}

const rangeOf = (before: number, shown: number, total: number): string | undefined =>
  shown === 0 ? undefined : `${count(before + 1)} to ${count(before + shown)} of ${count(total)}`;

const ORDERS = [
  { value: "name", label: "Name, A to Z" },
  { value: "name descending", label: "Name, Z to A" },
  { value: "last-heard", label: "Not heard for longest" },
  { value: "last-heard descending", label: "Heard last" },
  { value: "id descending", label: "Registered last" },
  { value: "id", label: "Registered first" },
] as const;

const LIMITS = ["25", "50", "100", "200", "500"] as const;

function ListOptions() {
  const [query] = useSearchParams();
  const navigate = useNavigate();
  const set = (changes: Parameters<typeof changed>[1]): void =>
    void navigate(changed(query, changes), { preventScrollReset: true });
  const order = `${query.get("sort") ?? "name"}${query.get("order") === "descending" ? " descending" : ""}`;
  const limit = query.get("limit") ?? "50";
  return (
    <div className={styles["options"]}>
      <NativeSelect
        label="Order"
        size="xs"
        value={order}
        data={[...ORDERS]}
        rightSection={<IconSelector size={14} aria-hidden />}
        onChange={(event) => {
          const [sort, direction] = event.currentTarget.value.split(" ");
          set({ sort: sort === "name" ? undefined : sort, order: direction });
        }}
      />
      <NativeSelect
        label="Rows"
        size="xs"
        value={limit}
        data={[...new Set([...LIMITS, limit])]}
        rightSection={<IconSelector size={14} aria-hidden />}
        onChange={(event) => set({ limit: event.currentTarget.value })}
      />
    </div>
  );
}
