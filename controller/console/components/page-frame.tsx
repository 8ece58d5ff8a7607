/**
 * A page in its four states: loading, failed, here, and here but old.
 *
 * The heading is there from the start; what is below it is drawn by `children` once there is something to draw. Data
 * counts as old `STALE_AFTER_MS` after it was received; then it says so in words and loses its colours.
 */
import { type ReactNode, useEffect } from "react";
import { Link } from "react-router";
import { useNow } from "../hooks/use-now.ts";
import type { View } from "../hooks/use-view.ts";
import { useAnnouncement } from "./announcer.tsx";
import { Freshness } from "./freshness.tsx";
import { Failure } from "./failure.tsx";
import styles from "./page-frame.module.css";
import { Skeleton } from "./skeleton.tsx";

const STALE_AFTER_MS = 15_000;

interface PageFrameProps<T> {
  readonly title: string;
  readonly view: View<T>;
  readonly children: (data: T, controllerNow: number) => ReactNode;
  /** As of when the data is, by the controller's clock, where the answer says so. */
  readonly asOf: (data: T) => number | undefined;
  /** The way here, outermost first. */
  readonly crumbs?: readonly { readonly to: string; readonly name: string }[];
  /** Below the heading, in every state: the filters of a list. */
  readonly controls?: ReactNode;
}

export function PageFrame<T>({ title, view, children, asOf, crumbs = [], controls }: PageFrameProps<T>) {
  const now = useNow();
  useEffect(() => {
    document.title = `${title} · Ringback`;
  }, [title]);
  const ageMs = view.kind === "here" ? Math.max(0, now - view.receivedAt) : 0;
  const stale = ageMs > STALE_AFTER_MS;
  useAnnouncement(stale ? "Stale: the controller is not heard from." : "Up to date.");
  return (
    <main id="main" tabIndex={-1} className={styles["main"]}>
      {crumbs.length > 0 && (
        <nav aria-label="Breadcrumb" className={styles["crumbs"]}>
          {crumbs.map(({ to, name }) => (
            <Link key={to} to={to}>
              {name}
            </Link>
          ))}
        </nav>
      )}
      <div className={styles["head"]}>
        <h1>{title}</h1>
        {view.kind === "here" && (
          <Freshness asOf={asOf(view.data) ?? view.receivedAt} ageMs={ageMs} stale={stale} error={view.error} />
        )}
      </div>
      {controls}
      {view.kind === "loading" && <Skeleton what={title} />}
      {view.kind === "failed" && <Failure error={view.error} retry={view.retry} />}
      {view.kind === "here" && (
        <div data-stale={stale} className={styles["content"]}>
          {children(view.data, (asOf(view.data) ?? view.receivedAt) + ageMs)}
        </div>
      )}
    </main>
  );
}
