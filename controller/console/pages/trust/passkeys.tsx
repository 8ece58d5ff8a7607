/** Where passkeys approve, and whether this controller answers there. */
import { SessionView } from "../../../../protocol/api.ts";
import type { Passkeys as Place } from "../../../../protocol/trust-document.ts";
import { Notice } from "../../components/notice.tsx";
import { Panel } from "../../components/panel.tsx";
import { ViewPart } from "../../components/view-part.tsx";
import { useView } from "../../hooks/use-view.ts";

export function Passkeys({ passkeys }: { readonly passkeys: Place | null }) {
  const session = useView(SessionView, "/session", []);
  return (
    <Panel title="Passkeys">
      <ViewPart what="Session" view={session}>
        {({ approvalOrigin }) =>
          passkeys === null ? <None approvalOrigin={approvalOrigin} /> : <Some {...passkeys} here={approvalOrigin} />
        }
      </ViewPart>
    </Panel>
  );
}

function None({ approvalOrigin }: { readonly approvalOrigin: string }) {
  return (
    <>
      <p>No passkey counts. Approvers sign with key files.</p>
      <p>
        To have passkeys count, approvers make theirs at{" "}
        <a href={`${approvalOrigin}/approve/passkey`}>{approvalOrigin}</a>, and the trust document names that address
        and <code>{new URL(approvalOrigin).hostname}</code> as their name.
      </p>
    </>
  );
}

function Some({ rpId, origins, here }: Place & { readonly here: string }) {
  return (
    <>
      {!origins.includes(here) && (
        <Notice tone="warn">
          <p>
            <strong>This controller answers for approvals at {here}, which the trust document does not name.</strong> No
            passkey can approve there. Start it with <code>--approval-origin</code>, or have the next trust document
            name the address.
          </p>
        </Notice>
      )}
      <p>
        They count under the name <code>{rpId}</code>, at:
      </p>
      <ul>
        {origins.map((origin) => (
          <li key={origin}>
            <a href={`${origin}/approve`}>{origin}</a>
          </li>
        ))}
      </ul>
    </>
  );
}
