/** The tokens that were made, newest first: what became of each, and how to end one early. */
import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import type { TokenView } from "../../../../protocol/enrolment.ts";
import { revokeEnrolmentToken } from "../../api/calls.ts";
import formStyles from "../../components/reason-dialog.module.css";
import { Badge } from "../../components/badge.tsx";
import { Copyable } from "../../components/copyable.tsx";
import { DataTable } from "../../components/data-table.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Empty } from "../../components/empty.tsx";
import { Failure } from "../../components/failure.tsx";
import { Moment } from "../../components/moment.tsx";
import { Panel } from "../../components/panel.tsx";
import { acceptanceWords, TOKEN_STATES } from "../../words/enrolment.ts";
import { count, duration } from "../../words/numbers.ts";

interface TokensProps {
  readonly tokens: readonly TokenView[];
  readonly now: number;
}

const COLUMNS = ["Group", "State", "Devices", "Site", "Role", "Let in", "Expires", "Made by", "Token's id", "Action"];

export function Tokens({ tokens, now }: TokensProps) {
  const [asked, setAsked] = useState<TokenView>();
  return (
    <Panel title="Tokens">
      {tokens.length === 0 ? (
        <Empty what="No token was made yet." />
      ) : (
        <DataTable caption="Enrolment tokens" columns={COLUMNS} cards>
          {tokens.map((token) => (
            <tr key={token.id}>
              <th scope="row">{token.group}</th>
              <td data-label="State">
                <span>
                  <Badge {...TOKEN_STATES[token.state]} />
                </span>
              </td>
              <td data-label="Devices" className="numeric">
                {count(token.uses)} of {count(token.usesMax)}
                {token.pool && ", of an image"}
              </td>
              <td data-label="Site">{token.site}</td>
              <td data-label="Role">{token.role}</td>
              <td data-label="Let in">{acceptanceWords(token.acceptance)}</td>
              <td data-label="Expires">
                <span>
                  <Moment at={token.expiresAt} />
                  {token.state === "good" && `, in ${duration(Math.max(0, token.expiresAt - now))}`}
                </span>
              </td>
              <td data-label="Made by">{token.createdBy}</td>
              <td data-label="Token's id">
                <Copyable text={token.id} short={`…${token.id.slice(-8)}`} what="token's id" />
              </td>
              <td data-label="Action">
                {token.state === "good" ? (
                  <span>
                    <Button size="xs" variant="default" onClick={() => setAsked(token)}>
                      Revoke
                    </Button>
                  </span>
                ) : (
                  <span className="muted">{token.revokedBy === null ? "none" : `revoked by ${token.revokedBy}`}</span>
                )}
              </td>
            </tr>
          ))}
        </DataTable>
      )}
      {asked !== undefined && <RevokeDialog token={asked} onClose={() => setAsked(undefined)} />}
    </Panel>
  );
}

function RevokeDialog({ token, onClose }: { readonly token: TokenView; readonly onClose: () => void }) {
  const openerGoes = useRef(false);
  const client = useQueryClient();
  const revoking = useMutation({
    mutationFn: async () => await revokeEnrolmentToken(token.id),
    onSuccess: async () => {
      openerGoes.current = true;
      onClose();
      await client.invalidateQueries();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!revoking.isPending) revoking.mutate();
  };
  return (
    <Dialog title={`Revoke the token for ${token.group}?`} onClose={onClose} openerGoes={openerGoes}>
      <form onSubmit={submit} className={formStyles["form"]}>
        <ul>
          <li>No device enrols with it any more, from now on and for good.</li>
          <li>Devices that enrolled with it stay as they are: {count(token.uses)} so far.</li>
        </ul>
        {revoking.error !== null && <Failure error={revoking.error} />}
        <div className={formStyles["buttons"]}>
          <Button type="submit" color="var(--bad-fill)" loading={revoking.isPending} data-autofocus>
            Revoke
          </Button>
          <Button variant="default" onClick={onClose}>
            Go back
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
