/** The token, shown this once, and what it is for. */
import { Button } from "@mantine/core";
import { Link } from "react-router";
import { Copyable } from "../../components/copyable.tsx";
import styles from "./setup.module.css";

export function TokenOnce({ token }: { readonly token: string }) {
  return (
    <div className={styles["form"]}>
      <h1>This controller is set up</h1>
      <p>
        Here is your token for the command line. <strong>It is shown only now</strong> and cannot be shown again. This
        browser is signed in already.
      </p>
      <div className={styles["token"]}>
        <Copyable text={token} what="token" />
      </div>
      <p className="muted">
        Keep it where you keep passwords. Who has it can do what you can do here, and can sign another browser in.
      </p>
      <div>
        <Button component={Link} to="/" size="md">
          Go to the overview
        </Button>
      </div>
    </div>
  );
}
