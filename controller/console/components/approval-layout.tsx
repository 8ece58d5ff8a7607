/** What surrounds the pages of approvals: they have an address of their own, and nothing else is done there. */
import { NavLink, Outlet } from "react-router";
import { LiveProvider } from "../live/live-provider.tsx";
import { Announcer } from "./announcer.tsx";
import styles from "./layout.module.css";
import { Logo } from "./logo.tsx";
import { LiveMode } from "./live-mode.tsx";
import navigation from "./navigation.module.css";

const PLACES = [
  { to: "/approve", name: "Approve" },
  { to: "/approve/passkey", name: "Make a passkey" },
] as const;

export function ApprovalLayout() {
  return (
    <LiveProvider>
      <Announcer>
        <a href="#main" className={styles["skip"]}>
          Skip to the content
        </a>
        <header className={styles["header"]}>
          <div className={styles["inner"]}>
            <Logo />
            <nav aria-label="Approvals">
              <ul className={navigation["places"]}>
                {PLACES.map(({ to, name }) => (
                  <li key={to}>
                    <NavLink to={to} end>
                      {name}
                    </NavLink>
                  </li>
                ))}
              </ul>
            </nav>
            <LiveMode />
          </div>
        </header>
        <Outlet />
      </Announcer>
    </LiveProvider>
  );
}
