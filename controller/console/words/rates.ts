/** Whether a version's rate of affected machines differs from that of all others: by their intervals, in words. Pure. */
import { IconArrowDown, IconArrowUp, IconEqual, IconQuestionMark } from "@tabler/icons-react";
import type { DetectionView } from "../../../protocol/api-incidents.ts";
import type { IconType } from "./icon.ts";
import type { Tone } from "./tones.ts";

type Version = DetectionView["versions"][number];
export type Rate = NonNullable<Version["rate"]>;

interface RateWords {
  readonly word: string;
  readonly tone: Tone;
  readonly Icon: IconType;
}

/** Of intervals that overlap nothing is said, however far the two middles lie apart. */
export function compareRates({ rate, others }: Pick<Version, "rate" | "others">): RateWords {
  if (rate === null || others === null) return { word: "Too few to say", tone: "idle", Icon: IconQuestionMark };
  if (rate.low > others.high) return { word: "More than others", tone: "bad", Icon: IconArrowUp };
  if (rate.high < others.low) return { word: "Fewer than others", tone: "good", Icon: IconArrowDown };
  return { word: "No difference seen", tone: "idle", Icon: IconEqual };
}

const NUMBER = new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 3 });
const perThousand = (value: number): string => NUMBER.format(value);

/** "4.2 in 1,000 (3.1 to 5.6)". */
export const rateWords = (rate: Rate | null): string =>
  rate === null
    ? "not known"
    : `${perThousand(rate.perThousand)} in 1,000 (${perThousand(rate.low)} to ${perThousand(rate.high)})`;
