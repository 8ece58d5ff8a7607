/** What a colour means, the same everywhere. A tone never stands alone: an icon and a word always go with it. */
export type Tone = "good" | "busy" | "warn" | "bad" | "idle";
