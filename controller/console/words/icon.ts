/** An icon of the set we use; always hidden from screen readers, because a word stands beside it. */
import type { Icon } from "@tabler/icons-react";

export type IconType = Icon;
