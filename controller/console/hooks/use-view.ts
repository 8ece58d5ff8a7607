/**
 * A view of the API that keeps itself fresh, in the states a page has to design for.
 *
 * Data that was once received stays on the screen when later answers fail; `receivedAt` then says how old it is. An
 * answer whose `asOf` has not moved on is no news and does not make the data any younger.
 */
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import type { z } from "zod";
import { ask } from "../api/client.ts";
import type { Concern } from "../live/refetch.ts";

/** Asked for this often even without a notice, so that "as of" moves on while nothing happens. */
const REFRESH_EVERY_MS = 5_000;

export type View<T> =
  | { readonly kind: "loading" }
  | { readonly kind: "failed"; readonly error: Error; readonly retry: () => void }
  | {
      readonly kind: "here";
      readonly data: T;
      readonly receivedAt: number;
      readonly error: Error | undefined;
      /** It answers the question before; the answer to the present one is not here yet. */
      readonly isFormer: boolean;
    };

export interface ViewOptions {
  /** Show the answer to the question before until the new one is here, so that a list does not flash. */
  readonly keepFormer?: boolean;
  /** False: don't ask yet. */
  readonly when?: boolean;
}

interface Answer<T> {
  readonly data: T;
  readonly receivedAt: number;
}

export function useView<S extends z.ZodType>(
  schema: S,
  path: string,
  concerns: readonly Concern[],
  { keepFormer = false, when = true }: ViewOptions = {},
): View<z.infer<S>> {
  const client = useQueryClient();
  const queryKey = [path];
  const { data, error, refetch, isPlaceholderData } = useQuery({
    queryKey,
    queryFn: async ({ signal }): Promise<Answer<z.infer<S>>> => {
      const answer = await ask({ answer: schema, path, signal });
      const before = client.getQueryData<Answer<z.infer<S>>>(queryKey);
      const isNews = before === undefined || asOf(answer) === undefined || asOf(answer) !== asOf(before.data);
      return { data: answer, receivedAt: isNews ? Date.now() : before.receivedAt };
    },
    enabled: when,
    refetchInterval: REFRESH_EVERY_MS,
    meta: { concerns },
    ...(keepFormer ? { placeholderData: keepPreviousData } : {}),
  });
  if (data !== undefined) return { kind: "here", ...data, error: error ?? undefined, isFormer: isPlaceholderData };
  if (error !== null) return { kind: "failed", error, retry: () => void refetch() };
  return { kind: "loading" };
}

function asOf(answer: unknown): unknown {
  return typeof answer === "object" && answer !== null && "asOf" in answer ? answer.asOf : undefined;
}
