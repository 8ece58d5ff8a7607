/** A part of a page that is asked for on its own, in its states: loading, failed, here, and here but not renewed. */
import type { ReactNode } from "react";
import type { View } from "../hooks/use-view.ts";
import { Failure } from "./failure.tsx";
import { Moment } from "./moment.tsx";
import { Notice } from "./notice.tsx";
import { Skeleton } from "./skeleton.tsx";

interface ViewPartProps<T> {
  readonly what: string;
  readonly view: View<T>;
  readonly children: (data: T) => ReactNode;
}

export function ViewPart<T>({ what, view, children }: ViewPartProps<T>) {
  if (view.kind === "loading") return <Skeleton what={what} />;
  if (view.kind === "failed") return <Failure error={view.error} retry={view.retry} />;
  return (
    <>
      {view.error !== undefined && (
        <Notice tone="warn">
          <p>
            <strong>Not renewed.</strong> This is how it was at <Moment at={view.receivedAt} />: {view.error.message}
          </p>
        </Notice>
      )}
      {children(view.data)}
    </>
  );
}
