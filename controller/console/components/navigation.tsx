/** The ways around. */
import { NavLink } from "react-router";
import styles from "./navigation.module.css";

const PLACES = [
  { to: "/", name: "Overview" },
  { to: "/devices", name: "Devices" },
  { to: "/enrolment", name: "Enrolment" },
  { to: "/plans", name: "Plans" },
  { to: "/safety", name: "Safety" },
  { to: "/trust", name: "Trust" },
] as const;

export function Navigation() {
  return (
    <nav aria-label="Main">
      <ul className={styles["places"]}>
        {PLACES.map(({ to, name }) => (
          <li key={to}>
            <NavLink to={to} end={to === "/"}>
              {name}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}
