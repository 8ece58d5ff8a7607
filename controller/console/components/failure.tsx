/** Why there is nothing to show, what to do, and the id under which the controller's log tells more. */
import { Button } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { ApiProblem, isNotSignedIn } from "../api/errors.ts";
import { Copyable } from "./copyable.tsx";
import styles from "./failure.module.css";
import { SignIn } from "./sign-in.tsx";

interface FailureProps {
  readonly error: Error;
  readonly retry?: () => void;
}

export function Failure({ error, retry }: FailureProps) {
  if (isNotSignedIn(error)) return <SignIn />;
  const requestId = error instanceof ApiProblem ? error.requestId : undefined;
  const faults = error instanceof ApiProblem ? error.faults : [];
  return (
    <div role="alert" className={styles["failure"]}>
      <IconAlertTriangle size={24} aria-hidden />
      <div>
        <p>
          <strong>{error instanceof ApiProblem ? error.title : "There is a problem."}</strong>
        </p>
        <p>{error.message}</p>
        {faults.length > 0 && (
          <ul>
            {faults.map(({ path, message }) => (
              <li key={`${path} ${message}`}>
                <code>{path}</code>: {message}
              </li>
            ))}
          </ul>
        )}
        {requestId !== undefined && (
          <p className="muted">
            Request <Copyable text={requestId} what="request id" />
          </p>
        )}
        {retry !== undefined && (
          <Button variant="default" onClick={retry}>
            Try again
          </Button>
        )}
      </div>
    </div>
  );
}
