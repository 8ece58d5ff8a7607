/** The same thing as a call of the API, for scripts and for learning it. The credential stays out of the command line. */
import { API_ROOT } from "../api/client.ts";
import styles from "./api-call.module.css";
import { Copyable } from "./copyable.tsx";

interface ApiCallProps {
  readonly path: string;
  readonly method?: "GET" | "POST";
  readonly body?: unknown;
  /** The same on the command line of the product, where it has a command for it. */
  readonly command?: string;
}

export function ApiCall({ path, method = "GET", body, command }: ApiCallProps) {
  const url = `${globalThis.location.origin}${API_ROOT}${path}`;
  const parts = ["curl", ...(method === "GET" ? [] : ["-X", method]), '-H "Authorization: Bearer $RINGBACK_TOKEN"'];
  if (body !== undefined) parts.push('-H "Content-Type: application/json"', `-d ${quote(JSON.stringify(body))}`);
  const line = [...parts, quote(url)].join(" ");
  return (
    <details className={styles["call"]}>
      <summary>{command === undefined ? "Show as API call" : "Show as API call or command"}</summary>
      <Copyable text={line} what="API call" />
      {command !== undefined && <Copyable text={command} what="command" />}
    </details>
  );
}

/** As one word of a POSIX shell, whatever it holds. */
const quote = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
