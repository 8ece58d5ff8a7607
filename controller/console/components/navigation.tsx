/** The ways around. Alt+I goes to the incidents from anywhere. */
import { NavLink, useNavigate } from "react-router";
import { useAltKey } from "../hooks/use-alt-key.ts";
import styles from "./navigation.module.css";

const PLACES = [
  { to: "/", name: "Overview" },
  { to: "/incidents", name: "Incidents" },
  { to: "/devices", name: "Devices" },
  { to: "/enrolment", name: "Enrolment" },
  { to: "/plans", name: "Plans" },
  { to: "/detection", name: "Detection" },
  { to: "/safety", name: "Safety" },
  { to: "/trust", name: "Trust" },
] as const;

export function Navigation() {
  const navigate = useNavigate();
  useAltKey("I", () => void navigate("/incidents"));
  return (
    <nav aria-label="Main">
      <ul className={styles["places"]}>
        {PLACES.map(({ to, name }) => (
          <li key={to}>
            <NavLink to={to} end={to === "/"} aria-keyshortcuts={to === "/incidents" ? "Alt+I" : undefined}>
              {name}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}
