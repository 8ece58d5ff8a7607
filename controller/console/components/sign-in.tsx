/** For a browser that is not signed in: a token, as the controller gave it out at set-up, signs it in. */
import { Button, PasswordInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link } from "react-router";
import { signIn } from "../api/calls.ts";
import { Notice } from "./notice.tsx";
import styles from "./sign-in.module.css";

export function SignIn() {
  const [token, setToken] = useState("");
  const signingIn = useMutation({
    mutationFn: async () => await signIn(token.trim()),
    onSuccess: () => globalThis.location.reload(), // everything begins anew, the live stream too
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    signingIn.mutate();
  };
  return (
    <form onSubmit={submit} className={styles["form"]}>
      <h2>This browser is not signed in</h2>
      <p>
        Sign in with the token that was shown when the controller was set up. Is there none at hand? Restart the
        controller with <code>--setup-link</code>: it prints a new link.
      </p>
      <PasswordInput
        label="Token"
        autoComplete="current-password"
        required
        value={token}
        onChange={(event) => setToken(event.currentTarget.value)}
      />
      {signingIn.error !== null && (
        <Notice tone="bad" alert>
          <p>{signingIn.error.message}</p>
        </Notice>
      )}
      <div className={styles["buttons"]}>
        <Button type="submit" loading={signingIn.isPending}>
          Sign in
        </Button>
        <Link to="/setup">I have a set-up code</Link>
      </div>
    </form>
  );
}
