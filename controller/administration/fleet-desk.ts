/** What people ask about the fleet: the overview, devices, groups, and the content that runs on them. */
import type { DeviceRegistration } from "../../protocol/api.ts";
import type { DeviceId } from "../../protocol/ids.ts";
import type { Fleet, FleetDevice } from "../fleet/fleet.ts";
import { starterRoles } from "../../protocol/trust-document.ts";
import { describeFleet } from "../fleet/sentence.ts";
import { Selection } from "./selection.ts";
import type { FleetDesk } from "../ports/fleet-desks.ts";
import { Refused } from "../ports/refused.ts";
import { countsOf, decide, phaseOf } from "../rollout/engine.ts";
import type { Desk } from "./desk.ts";
import { listDevices, listFacets, standingsOf } from "./device-list.ts";
import { IncidentViews } from "./incident-views.ts";
import { viewContent, viewDevice } from "./views.ts";

/** More content versions than this are not shown at once; those with crashes come first. */
const CONTENT_MAX = 200;

/** Older ones are in their own list. */
const INCIDENTS_MAX = 50;

export function fleetDesk(desk: Desk): FleetDesk {
  const { orchestrator, trust } = desk;
  const incidentViews = new IncidentViews(desk);
  const { store, stream, clock } = orchestrator.deps;
  const { notices } = orchestrator;

  const deviceOf = (id: DeviceId): FleetDevice => {
    const device = orchestrator.fleet.get(id);
    if (device === undefined)
      throw new Refused("not-found", `There is no device ${id}. It may not be registered with this controller.`);
    return device;
  };

  return {
    async overview() {
      const incidents = orchestrator.incidents.all().map(({ incident }) => incident);
      const views = await incidentViews.all(
        incidents
          .filter(({ state }) => state !== "merged")
          .slice(-INCIDENTS_MAX)
          .toReversed(),
      );
      const at = clock.now();
      const { fleet } = orchestrator;
      const conditions = conditionsOf(fleet);
      const rollouts = orchestrator.newestFirst().map((rollout) => ({
        id: rollout.row.id,
        title: rollout.plan.plan.title,
        phase: phaseOf(rollout.state),
        because: decide(rollout.state, at).because,
        counts: countsOf(rollout.state),
      }));
      const exposing = views.filter(({ exposed, state }) => exposed > 0 && state === "open");
      // A version that was declared twice is one version.
      const named = exposing.flatMap(({ content, exposed }) => (content === null ? [] : [{ content, exposed }]));
      const faulty = [...new Map(named.map((one) => [`${one.content.source} ${one.content.sha256}`, one])).values()];
      return {
        asOf: at,
        sentence: describeFleet({
          devices: fleet.counted,
          conditions,
          pending: fleet.standings.of("pending"),
          cloned: fleet.standings.of("cloned"),
          faulty: faulty.map(({ content, exposed }) => ({
            label: content.label ?? content.sha256.slice(0, 12),
            devices: exposed,
          })),
          rollouts,
          detected: orchestrator.detection.watch?.detector.size ?? null,
        }),
        devices: fleet.counted,
        conditions,
        standings: standingsOf(fleet),
        connected: fleet.connected,
        incidents: [...views],
        rollouts,
        starterKeys: starterRoles(trust.document).length > 0,
        controllerStartedAt: orchestrator.startedAt,
      };
    },

    async registerDevice(device: DeviceRegistration) {
      const result = await orchestrator.exclusively(async () => {
        const answer = await store.registerDevice(stream, device, clock.now());
        if (answer !== "conflict") await orchestrator.takeDevice(device.id); // not when the feed has come that far
        return answer;
      });
      if (result === "conflict") {
        throw new Refused(
          "conflict",
          `Device ${device.id} is registered with another key. Nothing was changed. A device that lost its key needs a new id.`,
        );
      }
      const row = await store.device(device.id);
      if (row === undefined) throw new Refused("not-found", `There is no device ${device.id} any more.`);
      return { created: result === "registered", device: viewDevice(deviceOf(device.id), row) };
    },

    async devices(query) {
      return listDevices(orchestrator.fleet, query, clock.now());
    },

    async deviceFacets(query) {
      return listFacets(orchestrator.fleet, query, clock.now());
    },

    async groups() {
      const groups = await store.groups();
      const selection = new Selection(orchestrator.fleet, groups);
      const items = groups.map((group) => ({ ...group, deviceCount: selection.select(group.selector).length }));
      return { items, asOf: clock.now() };
    },

    async putGroup(group) {
      new Selection(orchestrator.fleet, await store.groups()).check(group.selector, "selector");
      await store.putGroup(group);
      notices.publish("fleet");
    },

    async deleteGroup(name) {
      const naming = new Selection(orchestrator.fleet, await store.groups()).whoNames(name).filter((by) => by !== name);
      if (naming.length > 0) {
        throw new Refused(
          "conflict",
          `Other groups name "${name}": ${naming.join(", ")}. Without it they would mean other devices, perhaps more. Change those first; nothing was changed.`,
        );
      }
      if (!(await store.deleteGroup(name))) throw new Refused("not-found", `There is no group "${name}".`);
      notices.publish("fleet");
    },

    async content() {
      const items = orchestrator.fleet.content
        .list()
        .toSorted((a, b) => b.crashed - a.crashed || b.firstSeenAt - a.firstSeenAt);
      return { items: items.slice(0, CONTENT_MAX).map(viewContent), asOf: clock.now() };
    },
  };
}

function conditionsOf({ conditions }: Fleet) {
  return {
    healthy: conditions.of("healthy"),
    starting: conditions.of("starting"),
    "boot-loop": conditions.of("boot-loop"),
    silent: conditions.of("silent"),
    away: conditions.of("away"),
    unknown: conditions.of("unknown"),
  };
}
