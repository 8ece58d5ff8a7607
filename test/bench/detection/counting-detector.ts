/** A detector that finds nothing: the bare side of what detection costs. It counts what it is told. */
import { type Detector, DEVICE_CLASSES, type LearntValue } from "../../../controller/detection/types.ts";

export function counting(told: { count: number }): Detector {
  let devices = 0;
  let versions = 0;
  const count = (): void => void told.count++;
  const unknown: LearntValue = { value: 0, isDefault: true };
  return {
    addDevice: () => devices++,
    changeDevice: count,
    setCounts: count,
    expect: () => undefined,
    addVersion: () => versions++,
    restoreExposure: count,
    online: count,
    gone: count,
    exposed: count,
    cleared: count,
    crashed: count,
    deaf: count,
    advance: () => [],
    wakeAt: null,
    standing: () => undefined,
    standings: () => [],
    learnt: () => ({
      bugchecksPerDeviceDay: unknown,
      restartsPerDeviceDay: unknown,
      silencesPerDeviceDay: unknown,
      uncleanShare: unknown,
      classes: { server: 0, "always-on": 0, office: 0, mobile: 0 } satisfies Record<
        (typeof DEVICE_CLASSES)[number],
        number
      >,
      coreHours: [],
      deviceDays: 0,
    }),
    get size() {
      return devices;
    },
    massSilence: false,
    save: () => "",
    drainChanges: () => ({ exposures: [], cleared: [], devices: [], retired: [] }),
    deviceMemory: () => [],
    memories: () => () => [],
  };
}
