/** What new devices enrol with: tokens, made here and shown once, and the line to type on the device. */
import { useState } from "react";
import type { z } from "zod";
import { TokenList, type TokenMade, TrustPins } from "../../../../protocol/enrolment.ts";
import { ApiCall } from "../../components/api-call.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { Panel } from "../../components/panel.tsx";
import { useView } from "../../hooks/use-view.ts";
import { MadeToken } from "./made-token.tsx";
import { TokenForm } from "./token-form.tsx";
import { Tokens } from "./tokens.tsx";

export function EnrolmentPage() {
  const view = useView(TokenList, "/enrolment-tokens", []);
  const pins = useView(TrustPins, "/trust/pins", [{ topic: "trust" }]);
  const [made, setMade] = useState<z.infer<typeof TokenMade>>();
  return (
    <PageFrame title="Enrolment" view={view} asOf={({ asOf }) => asOf}>
      {({ items }, now) => (
        <>
          <p>
            A device makes its own key and enrols with a token. It then waits for a person to accept it, unless the
            token says otherwise.
          </p>
          {made === undefined ? (
            <Panel title="Make a token">
              <TokenForm onMade={setMade} />
            </Panel>
          ) : (
            <MadeToken made={made} pins={pins} onDone={() => setMade(undefined)} />
          )}
          <Tokens tokens={items} now={now} />
          <ApiCall path="/enrolment-tokens" command="npm run ringback -- tokens list" />
        </>
      )}
    </PageFrame>
  );
}
