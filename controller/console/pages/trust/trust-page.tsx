/** Whom devices believe: people and how many of them, policy in words, versions, expiry, and what installers pin. */
import { TrustView } from "../../../../protocol/api-trust.ts";
import { digestOf } from "../../../../protocol/canonical.ts";
import { spoken } from "../../../../protocol/spoken.ts";
import { ApiCall } from "../../components/api-call.tsx";
import { Facts } from "../../components/facts.tsx";
import { Moment } from "../../components/moment.tsx";
import { Notice } from "../../components/notice.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { Panel } from "../../components/panel.tsx";
import { WordLines } from "../../components/word-lines.tsx";
import { useView } from "../../hooks/use-view.ts";
import { expiryOf } from "../../words/expiry.ts";
import { policyInForce } from "../../words/trust.ts";
import { Passkeys } from "./passkeys.tsx";
import { People } from "./people.tsx";
import { Pins } from "./pins.tsx";
import { Versions } from "./versions.tsx";

export function TrustPage() {
  const view = useView(TrustView, "/trust", [{ topic: "trust" }]);
  return (
    <PageFrame title="Trust" view={view} asOf={({ asOf }) => asOf}>
      {(trust, now) => (
        <>
          {/* While starter keys count, the banner above says the same. */}
          {trust.starterRoles.length === 0 && (
            <p>
              <strong>{trust.sentence}</strong>
            </p>
          )}
          <Document trust={trust} now={now} />
          <People document={trust.document} />
          <Passkeys passkeys={trust.document.passkeys} />
          <Panel title={`Policy ${trust.policy.version}`}>
            <p className="muted">What may be done on devices at all. No plan widens it.</p>
            <WordLines label="Policy" lines={policyInForce(trust.policy)} />
          </Panel>
          <Pins digest={trust.digest} />
          <Versions documents={trust.documents} />
          <ApiCall path="/trust" command="ringback trust show" />
        </>
      )}
    </PageFrame>
  );
}

function Document({ trust: { document }, now }: { readonly trust: TrustView; readonly now: number }) {
  const { version, issuedAt, expiresAt } = document;
  const expiry = expiryOf(document, now);
  return (
    <Panel title={`Trust document ${version}`}>
      {expiry.kind !== "far" && (
        <Notice tone={expiry.kind === "over" ? "bad" : "warn"}>
          <p>
            <strong>{expiry.words}</strong>{" "}
            {expiry.kind === "over"
              ? "Devices report, and change nothing, until the holders of the root keys have signed the next one."
              : "Have the holders of the root keys sign the next one before: devices change nothing without."}
          </p>
        </Notice>
      )}
      <Facts
        facts={[
          ["Issued", <Moment key="issued" at={issuedAt} />],
          [
            "Expires",
            <span key="expires">
              <Moment at={expiresAt} />, {expiry.when}
            </span>,
          ],
          ["To compare over the phone", <code key="spoken">{spoken(digestOf(document))}</code>],
        ]}
      />
      <p className="muted">
        Devices check by themselves that the roots before it and its own have signed it. Each takes it with its next
        connection, before any order, and says so among its reports. How many have is not known here.
      </p>
    </Panel>
  );
}
