/** The fleet and the circumstances that a scenario asks for; everything else is ordinary. */
import { type FleetShape, ORDINARY_FLEET } from "./fleet-shape.ts";
import { ORDINARY_WAYS, type Ways } from "./lives.ts";
import { ORDINARY_TROUBLE, type Trouble } from "./mishaps.ts";
import type { Scenario } from "./outbreak.ts";

export function shapeOf({ harm, meanwhile }: Scenario): FleetShape {
  const shape = { ...ORDINARY_FLEET, modelShare: harm.modelShare };
  if (meanwhile === "laptops") {
    return { ...shape, classes: { server: 0, "always-on": 0, office: 0.05, mobile: 0.95 } };
  }
  // Everybody goes home at once only where it is one o'clock for all.
  return meanwhile === "closing" ? { ...shape, zones: [0] } : shape;
}

export function troubleOf({ meanwhile }: Scenario): Trouble {
  const outages = meanwhile === "outages" ? 30 : 1;
  return outagesTimes(outages, meanwhile === "laptops" ? 5 : 1);
}

export function outagesTimes(outages: number, radioGaps = 1): Trouble {
  return {
    ...ORDINARY_TROUBLE,
    powerCuts: ORDINARY_TROUBLE.powerCuts * outages,
    uplinkCuts: ORDINARY_TROUBLE.uplinkCuts * outages,
    radioGaps: ORDINARY_TROUBLE.radioGaps * radioGaps,
  };
}

export function waysOf({ meanwhile, push }: Scenario): Ways {
  if (meanwhile === "laptops") return { ...ORDINARY_WAYS, lidGoodbyes: 0.2 };
  if (meanwhile !== "closing") return ORDINARY_WAYS;
  return { uncleanShare: 0.1, closingDeviation: 5, closesAt: push.hour * 60 + 40, lidGoodbyes: 0.4 };
}
