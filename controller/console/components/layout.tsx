/** What surrounds every page: the way to the content, the name, the ways around, how live it is, who is signed in. */
import { Navigate, Outlet, ScrollRestoration } from "react-router";
import { SessionView } from "../../../protocol/api.ts";
import { useView } from "../hooks/use-view.ts";
import { LiveProvider } from "../live/live-provider.tsx";
import { Announcer } from "./announcer.tsx";
import styles from "./layout.module.css";
import { Logo } from "./logo.tsx";
import { LiveMode } from "./live-mode.tsx";
import { Navigation } from "./navigation.tsx";
import { ShortcutHelp } from "./shortcut-help.tsx";
import { TrustBanner } from "./trust-banner.tsx";

export function Layout() {
  const session = useView(SessionView, "/session", []);
  // A name for approvals alone: what runs under it could ask for a passkey.
  if (session.kind === "here" && session.data.approvalOrigin === globalThis.location.origin)
    return <Navigate to="/approve" replace />;
  return (
    <LiveProvider>
      <Announcer>
        <a href="#main" className={styles["skip"]}>
          Skip to the content
        </a>
        <header className={styles["header"]}>
          <div className={styles["inner"]}>
            <Logo />
            <Navigation />
            <LiveMode />
          </div>
        </header>
        <TrustBanner />
        <Outlet />
        <Footer />
        <ScrollRestoration />
      </Announcer>
    </LiveProvider>
  );
}

function Footer() {
  const session = useView(SessionView, "/session", []);
  return (
    <footer className={styles["footer"]}>
      <div className={styles["inner"]}>
        {session.kind === "here" && (
          <span>
            Signed in as {session.data.name} · Ringback {session.data.version}
          </span>
        )}
        <ShortcutHelp />
      </div>
    </footer>
  );
}
