/** What an installer gives to new agents, so that they trust nobody on first use. */
import type { Sha256 } from "../../../../protocol/canonical.ts";
import { TrustPins } from "../../../../protocol/enrolment.ts";
import { Copyable } from "../../components/copyable.tsx";
import { Panel } from "../../components/panel.tsx";
import { ViewPart } from "../../components/view-part.tsx";
import { useView } from "../../hooks/use-view.ts";

/** @param digest of the newest trust document */
export function Pins({ digest }: { readonly digest: Sha256 }) {
  const pins = useView(TrustPins, "/trust/pins", []);
  return (
    <Panel title="For installers">
      <p>
        A device that is installed now is given these. It believes the trust document of that digest and those that
        follow, and speaks to no server but one of that certificate authority.
      </p>
      <Copyable text={`TRUST_ROOT_SHA256=${digest}`} what="digest of the trust document" />
      <ViewPart what="The certificate authority" view={pins}>
        {({ caSha256 }) =>
          caSha256 === null ? (
            <p className="muted">
              CA_SHA256: TLS does not end in this controller. Pin the authority of the front before it, if there is one.
            </p>
          ) : (
            <Copyable text={`CA_SHA256=${caSha256}`} what="digest of the certificate authority" />
          )
        }
      </ViewPart>
    </Panel>
  );
}
