/** Keeps what is on the screen up to date for as long as the console is open, and says by which means. */
import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, use, useEffect, useState } from "react";
import { type FeedMode, followNotices } from "./feed.ts";
import { Refetcher } from "./refetch.ts";

const Mode = createContext<FeedMode>("connecting");

export const useFeedMode = (): FeedMode => use(Mode);

export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const client = useQueryClient();
  const [mode, setMode] = useState<FeedMode>("connecting");
  useEffect(() => {
    const ending = new AbortController();
    const refetcher = new Refetcher(client, ending.signal);
    const listener = { notices: refetcher.take.bind(refetcher), mode: setMode };
    void followNotices(listener, ending.signal);
    return () => ending.abort();
  }, [client]);
  return <Mode value={mode}>{children}</Mode>;
}
