/** For which devices a token is, how many, how long, and who lets them in. */
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { IconSelector } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { z } from "zod";
import type { TokenMade, TokenRequest } from "../../../../protocol/enrolment.ts";
import { makeEnrolmentToken } from "../../api/calls.ts";
import { Failure } from "../../components/failure.tsx";
import styles from "./enrolment.module.css";

const HOUR_MS = 3_600_000;
const ACCEPTANCES = [
  { value: "person", label: "by a person, one by one" },
  { value: "networks", label: "at once from these networks" },
  { value: "at-once", label: "at once, wherever it comes from" },
];
const KINDS = [
  { value: "lasting", label: "that last" },
  { value: "pool", label: "of an image" },
];

export function TokenForm({ onMade }: { readonly onMade: (made: z.infer<typeof TokenMade>) => void }) {
  const [acceptance, setAcceptance] = useState("person");
  const client = useQueryClient();
  const making = useMutation({
    mutationFn: makeEnrolmentToken,
    onSuccess: async (made) => {
      onMade(made);
      await client.invalidateQueries();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (!making.isPending) making.mutate(requestOf(new FormData(event.currentTarget)));
  };
  return (
    <form onSubmit={submit} className={styles["form"]}>
      <div className={styles["fields"]}>
        <TextInput
          name="group"
          label="Group"
          description="Small letters, digits and hyphens"
          required
          maxLength={60}
          autoComplete="off"
        />
        <TextInput name="site" label="Site" description="Where the devices stand" required maxLength={100} />
        <TextInput name="role" label="Role" description="What they are for" required maxLength={60} />
        <TextInput
          name="uses"
          type="number"
          label="Devices"
          description="So many enrol with it"
          defaultValue="1"
          min={1}
          max={100_000}
          required
        />
        <TextInput
          name="hours"
          type="number"
          label="Hours"
          description="It is good for so long"
          defaultValue="24"
          min={1}
          max={24}
          required
        />
        <NativeSelect
          name="kind"
          label="Machines"
          description="An image has one vote"
          data={KINDS}
          rightSection={<IconSelector size={16} aria-hidden />}
        />
        <NativeSelect
          name="acceptance"
          label="Let in"
          description="From when they count"
          data={ACCEPTANCES}
          rightSection={<IconSelector size={16} aria-hidden />}
          value={acceptance}
          onChange={(event) => setAcceptance(event.currentTarget.value)}
        />
        {acceptance === "networks" && (
          <TextInput
            name="networks"
            label="Networks"
            description="As 10.20.0.0/16, with commas between"
            required
            autoComplete="off"
          />
        )}
      </div>
      {making.error !== null && <Failure error={making.error} />}
      <div>
        <Button type="submit" loading={making.isPending}>
          Make a token
        </Button>
      </div>
    </form>
  );
}

/** What is not as the controller wants it, the controller says, by field. */
function requestOf(form: FormData): z.input<typeof TokenRequest> {
  const text = (name: string): string => {
    const value = form.get(name);
    return typeof value === "string" ? value.trim() : "";
  };
  const networks = text("networks")
    .split(",")
    .map((network) => network.trim());
  return {
    group: text("group"),
    site: text("site"),
    role: text("role"),
    uses: Number(text("uses")),
    lifetimeMs: Math.round(Number(text("hours")) * HOUR_MS),
    acceptance:
      text("acceptance") === "person"
        ? { kind: "person" }
        : { kind: "at-once", ...(text("acceptance") === "networks" ? { networks } : {}) },
    pool: text("kind") === "pool",
  };
}
