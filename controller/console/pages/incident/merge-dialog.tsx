/** Two incidents that are one: this one ends, and all goes on in the other. */
import { NativeSelect } from "@mantine/core";
import { IconSelector } from "@tabler/icons-react";
import { useState } from "react";
import { IncidentList, type IncidentView } from "../../../../protocol/api-incidents.ts";
import { mergeIncident } from "../../api/calls.ts";
import { Dialog } from "../../components/dialog.tsx";
import { ReasonDialog } from "../../components/reason-dialog.tsx";
import { ViewPart } from "../../components/view-part.tsx";
import { useView } from "../../hooks/use-view.ts";

interface MergeDialogProps {
  readonly incident: IncidentView;
  readonly onClose: () => void;
}

export function MergeDialog({ incident, onClose }: MergeDialogProps) {
  const view = useView(IncidentList, "/incidents", [{ topic: "incident" }]);
  if (view.kind === "here") {
    const others = view.data.items.filter(({ id, state }) => state === "open" && id !== incident.id);
    if (others.length > 0) return <Merging incident={incident} others={others} onClose={onClose} />;
  }
  return (
    <Dialog title="Merge" onClose={onClose}>
      <ViewPart what="Incidents" view={view}>
        {() => <p>There is no other open incident that this one could be merged into.</p>}
      </ViewPart>
    </Dialog>
  );
}

function Merging({ incident, others, onClose }: MergeDialogProps & { readonly others: readonly IncidentView[] }) {
  const [chosen, setChosen] = useState(others[0]?.id);
  const into = others.find(({ id }) => id === chosen) ?? others[0];
  if (into === undefined) return null;
  return (
    <ReasonDialog
      title={`Merge “${incident.title}” into another?`}
      consequences={["This one ends, and all goes on in the other. Nothing on any device changes."]}
      label="Reason, for the timeline"
      reason="The same fault"
      charsMax={1_000}
      verb="Merge"
      stops={false}
      fields={
        <NativeSelect
          label="Goes on as"
          value={into.id}
          data={others.map(({ id, title }) => ({ value: id, label: title }))}
          rightSection={<IconSelector size={16} aria-hidden />}
          onChange={(event) => setChosen(others.find(({ id }) => id === event.currentTarget.value)?.id)}
        />
      }
      body={{ into: into.id }}
      act={async (because) => await mergeIncident(incident.id, into.id, because)}
      path={`/incidents/${incident.id}/merge`}
      command={`npm run ringback -- incidents merge ${incident.id} --into ${into.id} --because '...'`}
      openerGoesAfter
      onClose={onClose}
    />
  );
}
