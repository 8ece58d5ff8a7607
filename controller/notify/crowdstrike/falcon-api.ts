/**
 * The few calls of CrowdStrike's Falcon API that the connector makes: a token, and actions on content update policies.
 *
 * As CrowdStrike's public SDK describes them (FalconPy, service collection "Content Update Policies": operation
 * performContentUpdatePoliciesAction, POST /policy/entities/content-update-actions/v1 with `action_name` override-allow,
 * override-pause, override-revert, set-pinned-content-version or remove-pinned-content-version, and a body of `ids` and
 * `action_parameters`; service collection "OAuth2": POST /oauth2/token). For pins, `action_parameters` names the category and
 * the version (CrowdStrike's Terraform provider). Nothing here was tried against the vendor itself.
 *
 * Invariant: credentials are in no message and no log; each call ends within seconds, and its outcome is a value.
 */
import { z } from "zod";
import type { Clock } from "../../ports.ts";
import type { Post, Posted } from "../post.ts";
import { retryAfterMs } from "../schedule.ts";

export type FalconAction =
  | "override-allow"
  | "override-pause"
  | "override-revert"
  | "set-pinned-content-version"
  | "remove-pinned-content-version";
export interface ActionParameter {
  readonly name: string;
  readonly value: string;
}
export type FalconOutcome = { readonly kind: "done" } | { readonly kind: "failed"; readonly because: string };

export interface FalconDeps {
  readonly post: Post;
  readonly clock: Clock;
  readonly address: URL;
  /** Read anew for each token, so that they may be replaced. Rejects with what is wrong with the file, never what is in it. */
  readonly credentials: () => Promise<{ readonly clientId: string; readonly clientSecret: string }>;
}

const WITHIN_MS = 8_000;
const ANSWER_BYTES_MAX = 1024 * 1024;
/** Longer than this nobody waits who has pressed Halt; he is told instead. */
const PATIENCE_MS = 5_000;
const SERVER_FAULT_WAIT_MS = 1_000;
/** A token is not used in its last minute. */
const MARGIN_MS = 60_000;

const Token = z.object({ access_token: z.string().min(1), expires_in: z.number().min(1) });
const Fault = z.object({ id: z.string().optional(), message: z.string().optional() });
const ActionAnswer = z.object({
  resources: z.array(z.object({ id: z.string() })).nullish(),
  errors: z.array(Fault).nullish(),
});

export class FalconApi {
  private readonly deps: FalconDeps;
  private token: { readonly text: string; readonly until: number } | undefined;

  constructor(deps: FalconDeps) {
    this.deps = deps;
  }

  async act(
    action: FalconAction,
    ids: readonly string[],
    parameters: readonly ActionParameter[],
  ): Promise<FalconOutcome> {
    const body = JSON.stringify({ ids, ...(parameters.length === 0 ? {} : { action_parameters: parameters }) });
    const url = new URL("/policy/entities/content-update-actions/v1", this.deps.address);
    url.searchParams.set("action_name", action);
    let [isNew, mayWait] = [false, true];
    for (;;) {
      const token = await this.validToken();
      if ("because" in token) {
        if (token.waitMs === null || !mayWait) return { kind: "failed", because: token.because };
        mayWait = false;
        await this.wait(token.waitMs);
        continue;
      }
      const posted = await this.send(url, body, {
        authorization: `Bearer ${token.text}`,
        "content-type": "application/json",
      });
      if (posted.kind === "answered" && posted.status === 401 && !isNew) {
        this.token = undefined; // revoked or expired before its time
        isNew = true;
        continue;
      }
      const waitMs = mayWait ? waitBefore(posted) : null;
      if (waitMs === null) return outcomeOf(posted, ids);
      mayWait = false;
      await this.wait(waitMs);
    }
  }

  /** Or why there is none, and how long until the same question may succeed. */
  private async validToken(): Promise<
    { readonly text: string } | { readonly because: string; readonly waitMs: number | null }
  > {
    const now = this.deps.clock.now();
    if (this.token !== undefined && this.token.until > now) return this.token;
    let form: URLSearchParams;
    try {
      const { clientId, clientSecret } = await this.deps.credentials();
      form = new URLSearchParams({ client_id: clientId, client_secret: clientSecret });
    } catch (error) {
      const because = error instanceof Error ? error.message : "The credentials could not be read.";
      return { because, waitMs: null };
    }
    const posted = await this.send(new URL("/oauth2/token", this.deps.address), form.toString(), {
      "content-type": "application/x-www-form-urlencoded",
    });
    if (posted.kind === "unreachable") return { because: posted.because, waitMs: null };
    if (posted.status === 429 || posted.status >= 500)
      return {
        because: `The vendor gave no token (${posted.status}): its sign-in is overloaded or down. Nothing was asked of it; try again.`,
        waitMs: waitBefore(posted),
      };
    const parsed = posted.status < 300 ? Token.safeParse(jsonOf(posted.body)) : undefined;
    if (parsed?.success !== true)
      return {
        because: `The vendor gave no token (${posted.status}): check the client's id, secret and its permission "Content Update Policies: write".`,
        waitMs: null,
      };
    const { access_token: text, expires_in: seconds } = parsed.data;
    this.token = { text, until: now + seconds * 1_000 - MARGIN_MS };
    return { text };
  }

  private send(url: URL, body: string, headers: Readonly<Record<string, string>>): Promise<Posted> {
    const all = { accept: "application/json", "user-agent": "Ringback", ...headers };
    // The address is the administrator's, out of a file: it may lead to a proxy inside.
    const limits = { withinMs: WITHIN_MS, answerBytesMax: ANSWER_BYTES_MAX, allowsPrivate: true };
    return this.deps.post({ method: "POST", url, headers: all, body, ...limits });
  }

  private wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.deps.clock.after(ms, resolve));
  }
}

/** How long until the same call may succeed; null: not worth waiting for. */
function waitBefore(posted: Posted): number | null {
  if (posted.kind === "unreachable") return null; // it may have been done; a second call after a timeout takes too long
  if (posted.status >= 500) return SERVER_FAULT_WAIT_MS;
  if (posted.status !== 429) return null;
  const asked = retryAfterMs(posted.retryAfter) ?? SERVER_FAULT_WAIT_MS;
  return asked <= PATIENCE_MS ? asked : null;
}

function outcomeOf(posted: Posted, ids: readonly string[]): FalconOutcome {
  if (posted.kind === "unreachable")
    return {
      kind: "failed",
      because: `${posted.because} Whether it was done is not known; look in the Falcon console.`,
    };
  const { status, body, retryAfter } = posted;
  if (status === 429) {
    const asked = retryAfterMs(retryAfter);
    return {
      kind: "failed",
      because: `The vendor asks for fewer calls${asked === null ? "" : `, and to wait ${asked / 1_000} s`}.`,
    };
  }
  if (status === 401 || status === 403)
    return { kind: "failed", because: `The vendor does not let this client do that (${status}).` };
  if (status >= 300 && status !== 400 && status !== 404)
    return { kind: "failed", because: `The vendor answered ${status}.` };
  const parsed = ActionAnswer.safeParse(jsonOf(body));
  if (!parsed.success) return { kind: "failed", because: `The vendor's answer (${status}) is not understood.` };
  const done = new Set((parsed.data.resources ?? []).map(({ id }) => id));
  const left = ids.filter((id) => !done.has(id));
  if (left.length === 0) return { kind: "done" };
  const said = [...new Set((parsed.data.errors ?? []).flatMap(({ message }) => message ?? []))].join("; ");
  const why = said === "" ? "" : `: ${said.slice(0, 300)}`;
  return {
    kind: "failed",
    because: `Done for ${ids.length - left.length} of ${ids.length} policies; not for ${left.join(", ")}${why}.`,
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
