/** The mark of a boot's end: a shape of its own for each way to end, drawn around 0, 0 and 16 px wide. */
import type { Shape } from "../words/boots.ts";

export function MarkShape({ shape }: { readonly shape: Shape }) {
  switch (shape) {
    case "disc":
      return <circle r={6} fill="var(--tone)" />;
    case "ring":
      return <circle r={5} fill="none" stroke="var(--tone)" strokeWidth={2.5} />;
    case "bolt":
      return <path d="M2 -8 L-6 1.5 H-1 L-2.5 8 L6 -2 H0.8 Z" fill="var(--tone)" />;
    case "cross":
      return (
        <>
          <path d="M0 -8.5 L8.5 0 L0 8.5 L-8.5 0 Z" fill="var(--tone)" />
          <path d="M-2.6 -2.6 L2.6 2.6 M2.6 -2.6 L-2.6 2.6" stroke="var(--surface)" strokeWidth={2} />
        </>
      );
    case "question":
      return (
        <>
          <rect x={-6.5} y={-6.5} width={13} height={13} rx={2} fill="none" stroke="var(--tone)" strokeWidth={2} />
          <path
            d="M-2.2 -1.6 A2.2 2.2 0 1 1 0.4 0.5 V1.4 M0.4 3 V4"
            fill="none"
            stroke="var(--tone)"
            strokeWidth={1.6}
          />
        </>
      );
    case "play":
      return <path d="M-4.5 -6.5 L7 0 L-4.5 6.5 Z" fill="var(--tone)" />;
    case "moon":
      return <path d="M2.5 -7 A7 7 0 1 0 7 3 A5.6 5.6 0 0 1 2.5 -7 Z" fill="var(--tone)" />;
  }
}
