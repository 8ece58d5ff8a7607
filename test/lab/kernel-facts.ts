/** What the kernel of a lab machine knows and says of it; the judge rests on this. */

/** `off`: without power, or given up. `crashed`: between the end of a boot and the beginning of the next. */
export type PowerState = "off" | "booting" | "running" | "crashed" | "restarting";

/** What happened to a machine, as its kernel knows it. Times are the wall's. Paths are relative to the machine's folder. */
export type KernelFact = { readonly at: number } & (
  | { readonly kind: "booted"; readonly boot: number }
  | { readonly kind: "network-up" }
  | { readonly kind: "services-up" }
  | { readonly kind: "arrived"; readonly path: string; readonly sha256: string; readonly faulty: boolean }
  | { readonly kind: "loaded"; readonly name: string; readonly sha256: string; readonly faulty: boolean }
  | { readonly kind: "crashed"; readonly code: number; readonly uptimeMs: number }
  | { readonly kind: "agent-failed"; readonly exitCode: number | null }
  | { readonly kind: "power-cut" }
  | { readonly kind: "restart-asked"; readonly reason: string }
  | { readonly kind: "restarted" }
  | { readonly kind: "wrote"; readonly path: string; readonly sha256: string }
  | { readonly kind: "gave-up"; readonly boots: number }
);
export type NewFact = KernelFact extends infer Fact ? (Fact extends KernelFact ? Omit<Fact, "at"> : never) : never;
