/** What logins are checked against, for as many devices at once as a storm brings. */
import type { LoginStore } from "../store/logins.ts";
import type { Database } from "./database.ts";

export const loginsPart = (database: Database): LoginStore => ({
  loginFacts: (asked) =>
    database.snapshot(async (_, bulk) => {
      const ids = asked.map(({ deviceId }) => ({ id: deviceId }));
      const devices = await bulk.select("devices", ["id", "public_key", "standing", "binding"], ids, ["id"]);
      const lives = asked.map(({ deviceId, epoch }) => ({ device: deviceId, epoch }));
      const epochs = await bulk.select("epochs", ["device", "epoch", "through"], lives, ["device", "epoch"]);
      const known = new Map(devices.map((device) => [device.id, device]));
      const throughs = new Map(epochs.map(({ device, epoch, through }) => [`${device} ${epoch}`, through]));
      return asked.map(({ deviceId, epoch }) => {
        const device = known.get(deviceId);
        if (device === undefined) return undefined;
        const { public_key: publicKey, standing, binding } = device;
        return { publicKey, standing, binding, through: throughs.get(`${deviceId} ${epoch}`) ?? 0 };
      });
    }),
});
