/**
 * First run: exchanges the one-time code of the set-up link for a token.
 *
 * The code comes in the fragment, which browsers send to nobody, and is taken out of the address at once, so that it
 * stays in no history. The token is shown this once.
 */
import { useEffect, useState } from "react";
import { Logo } from "../../components/logo.tsx";
import frame from "../../components/page-frame.module.css";
import { SetupForm } from "./setup-form.tsx";
import { TokenOnce } from "./token-once.tsx";
import styles from "./setup.module.css";

const codeInAddress = (): string => new URLSearchParams(globalThis.location.hash.slice(1)).get("code") ?? "";

export function SetupPage() {
  const [code] = useState(codeInAddress);
  const [token, setToken] = useState<string>();
  useEffect(() => {
    document.title = "Set up · Ringback";
    if (globalThis.location.hash !== "") globalThis.history.replaceState(null, "", globalThis.location.pathname);
  }, []);
  return (
    <main id="main" className={frame["main"]}>
      <div className={styles["card"]}>
        <Logo />
        {token === undefined ? <SetupForm codeFromLink={code} onDone={setToken} /> : <TokenOnce token={token} />}
      </div>
    </main>
  );
}
