/** By which means the page follows the controller, said in words: a page that is not live must not look live. */
import { IconBroadcast, IconCloudOff, IconLoader, IconLock, IconRefresh } from "@tabler/icons-react";
import type { FeedMode } from "../live/feed.ts";
import { useFeedMode } from "../live/live-provider.tsx";
import styles from "./live-mode.module.css";

const MODES = {
  connecting: {
    Icon: IconLoader,
    word: "Connecting",
    meaning: "Opening the live stream of the controller.",
    tone: "idle",
  },
  streaming: {
    Icon: IconBroadcast,
    word: "Live",
    meaning: "The controller tells this page of every change.",
    tone: "busy",
  },
  polling: {
    Icon: IconRefresh,
    word: "Polling every 3 s",
    meaning: "The live stream does not get through, a proxy may hold it back. This page asks every 3 seconds instead.",
    tone: "busy",
  },
  "signed-out": {
    Icon: IconLock,
    word: "Not signed in",
    meaning: "The controller answers, but not to this browser.",
    tone: "idle",
  },
  lost: {
    Icon: IconCloudOff,
    word: "Not connected",
    meaning: "The controller does not answer. This page keeps trying.",
    tone: "warn",
  },
} as const satisfies Record<FeedMode, unknown>;

export function LiveMode() {
  const { Icon, word, meaning, tone } = MODES[useFeedMode()];
  return (
    <span className={styles["mode"]} data-tone={tone} title={meaning} data-testid="live-mode">
      <Icon size={18} aria-hidden />
      {word}
    </span>
  );
}
