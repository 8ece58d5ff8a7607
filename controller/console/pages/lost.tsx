/** An address that leads nowhere, and a page that broke. */
import { Button } from "@mantine/core";
import { useEffect } from "react";
import { Link, useRouteError } from "react-router";
import styles from "../components/page-frame.module.css";

export function NotFound() {
  useEffect(() => {
    document.title = "Not found · Ringback";
  }, []);
  return (
    <main id="main" tabIndex={-1} className={styles["main"]}>
      <h1>There is no such page</h1>
      <p>
        The address may have been copied in part. <Link to="/">Go to the overview</Link>
      </p>
    </main>
  );
}

/** A fault in the console itself. It changes nothing on the controller or on any device. */
export function PageBroke() {
  const error = useRouteError();
  return (
    <main id="main" tabIndex={-1} className={styles["main"]}>
      <h1>This page broke</h1>
      <p>
        A fault in the console, not in the controller: rollouts go on as they were. Reload the page; the command line
        does everything this page does.
      </p>
      <p>
        <code>{error instanceof Error ? error.message : "cause not known"}</code>
      </p>
      <Button onClick={() => globalThis.location.reload()}>Reload</Button>
    </main>
  );
}
