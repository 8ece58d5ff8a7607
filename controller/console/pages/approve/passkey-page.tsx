/**
 * Makes a passkey for approvals and shows its public part. Nothing is trusted by that: whoever keeps the trust document
 * puts it in, and the holders of the root keys sign.
 */
import { type ReactNode, useState } from "react";
import { SessionView } from "../../../../protocol/api.ts";
import { TrustView } from "../../../../protocol/api-trust.ts";
import type { Holder } from "../../../../protocol/trust-document.ts";
import { Notice } from "../../components/notice.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { Panel } from "../../components/panel.tsx";
import { ViewPart } from "../../components/view-part.tsx";
import { useView } from "../../hooks/use-view.ts";
import { PasskeyForm } from "./passkey-form.tsx";
import { PasskeyMade } from "./passkey-made.tsx";

export function PasskeyPage() {
  const trust = useView(TrustView, "/trust", [{ topic: "trust" }]);
  const [made, setMade] = useState<Holder>();
  return (
    <PageFrame title="Make a passkey for approvals" view={trust} asOf={({ asOf }) => asOf}>
      {({ document }) => (
        <Where origins={document.passkeys?.origins}>
          {made === undefined ? <PasskeyForm document={document} onMade={setMade} /> : <PasskeyMade holder={made} />}
        </Where>
      )}
    </PageFrame>
  );
}

interface WhereProps {
  /** Where passkeys count, if any do; otherwise where the controller would have them. */
  readonly origins: readonly string[] | undefined;
  readonly children: ReactNode;
}

/** A passkey made under another name would never count. */
function Where({ origins, children }: WhereProps) {
  const session = useView(SessionView, "/session", []);
  return (
    <ViewPart what="Session" view={session}>
      {({ approvalOrigin }) => {
        const wanted = origins ?? [approvalOrigin];
        if (wanted.includes(globalThis.location.origin)) return children;
        return (
          <Panel title="Not here">
            <Notice tone="warn">
              <p>
                <strong>A passkey made at this address would not count.</strong> Approvals have an address of their own,
                so that no other page can have you approve something. Make it there:
              </p>
              <ul>
                {wanted.map((origin) => (
                  <li key={origin}>
                    <a href={`${origin}/approve/passkey`}>{origin}</a>
                  </li>
                ))}
              </ul>
            </Notice>
          </Panel>
        );
      }}
    </ViewPart>
  );
}
