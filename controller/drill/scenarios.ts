/** Every scenario by its name. */
import type { Scenario } from "./outbreak.ts";
import { CASE_SCENARIOS } from "./scenarios-cases.ts";
import { INCIDENT_SCENARIOS } from "./scenarios-incidents.ts";

export const SCENARIOS: readonly Scenario[] = [...INCIDENT_SCENARIOS, ...CASE_SCENARIOS];

export const scenarioOf = (name: string): Scenario | undefined => SCENARIOS.find((scenario) => scenario.name === name);
