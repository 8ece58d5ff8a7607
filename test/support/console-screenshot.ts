/**
 * Makes the picture of the console for the README, from the real thing: `node test/support/console-screenshot.ts`.
 *
 * A hospital's machines, a faulty file, and a rollback in its second wave.
 */
import { mkdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { buildConsole, temporaryFolder } from "./build-console.ts";
import { ConsoleBrowser } from "./console-browser.ts";
import { RolloutDevicePage as DeviceList } from "../../protocol/api.ts";
import { aGate, aPlanRequest, FAULTY, Hospital, type Machine } from "./hospital.ts";
import { until } from "./until.ts";

const PICTURE = fileURLToPath(new URL("../../docs/images/console-rollout.png", import.meta.url));
const SITES = ["Northgate Hospital", "Elm Street Surgery", "Harbour Clinic"] as const;
const MINUTE = 60_000;

async function fleet(hospital: Hospital): Promise<Machine[]> {
  const machines: Machine[] = [];
  for (let i = 0; i < 24; i++) {
    const site = SITES[i % 3] ?? SITES[0];
    const machine = await hospital.machine(
      `${site.slice(0, 3).toUpperCase()}-WS-${String(i + 1).padStart(2, "0")}`,
      site,
    );
    machines.push(machine);
    if (i >= 21) continue; // never had a moment of network
    await machine.connects();
    await machine.isInBootLoop();
  }
  return machines;
}

const consoleFolder = await temporaryFolder();
await buildConsole(consoleFolder);
const hospital = await Hospital.open({ consoleFolder });
const browser = await ConsoleBrowser.launch();
try {
  const token = await hospital.setUp();
  const machines = await fleet(hospital);
  const { id: incident } = await hospital.incident();
  const request = aPlanRequest();
  const gate = { ...aGate, sampleMin: { share: 0.6 }, bakeMs: 0, deadlineMs: 30 * MINUTE };
  const rollout = await hospital.rollout({
    incident,
    devices: { runs: { source: FAULTY.source, sha256: FAULTY.sha256 } },
    strategy: {
      ...request.strategy,
      budgets: { inFlightMax: 4 },
      waves: [
        { name: "canary", take: { count: 3 }, gate },
        { name: "first half", take: { percent: 45 }, gate: { ...gate, bakeMs: 5 * MINUTE } },
        { name: "everyone else", take: { rest: true }, gate: { ...gate, bakeMs: 5 * MINUTE } },
      ],
    },
  });
  /** The next machine of the wave to which an order is offered. */
  const offered = async (wave: number): Promise<Machine> =>
    await until("an offer", async () => {
      const page = DeviceList.parse(await hospital.call(`/rollouts/${rollout.id}/devices?wave=${wave}&status=offered`));
      return machines.find(({ identity }) => identity.deviceId === page.items[0]?.device);
    });
  const next = async (wave: number, outcome: "succeeds" | "fails" | "takes"): Promise<void> => {
    const machine = await offered(wave);
    const order = await machine.takesOrder();
    if (outcome !== "takes") await machine[outcome](order);
    await until("the outcome to be counted", async () => {
      const page = DeviceList.parse(await hospital.call(`/rollouts/${rollout.id}/devices?wave=${wave}&status=offered`));
      return page.items.every(({ device }) => device !== machine.identity.deviceId) || undefined;
    });
  };
  for (let i = 0; i < 3; i++) await next(0, "succeeds");
  for (const outcome of ["succeeds", "fails", "succeeds", "succeeds", "takes", "takes"] as const)
    await next(1, outcome);

  const page = await browser.open(hospital.url, token, `/rollouts/${rollout.id}`, {
    colorScheme: "light",
    viewport: { width: 1280, height: 1200 },
    timezoneId: "Europe/London",
  });
  await page.getByRole("listitem", { name: "Wave 2: first half" }).getByRole("link", { name: "3 succeeded" }).waitFor();
  await page.getByText("Live", { exact: true }).waitFor();
  await mkdir(new URL(".", `file://${PICTURE}`), { recursive: true });
  await page.screenshot({ path: PICTURE });
  process.stdout.write(`${PICTURE}\n`);
} finally {
  await browser.close();
  await hospital.close();
  await rm(consoleFolder, { recursive: true, force: true });
}
