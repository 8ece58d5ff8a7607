/**
 * Machines made from images and thrown away again: all of one image have one vote.
 *
 * Invariant: of an image's accepted devices exactly one stands for it. It is the one heard last, but the one that stands
 * steps down only when it is not connected, or not accepted any more: so a pool of thousands that talk all at once does
 * not change its mind with every word. Machines of a pool that are gone for good are so in no count.
 */
import type { DeviceId } from "../../protocol/ids.ts";
import type { Image } from "../../protocol/names.ts";
import type { KnownDevice, KnownState } from "../store/devices.ts";

type Row = Pick<KnownDevice, "id" | "image">;
interface Member {
  readonly row: Row;
  readonly state: Pick<KnownState, "lastHeardAt"> | null;
  readonly connected: boolean;
}
interface Pool {
  readonly members: Map<DeviceId, Member>;
  standing: DeviceId | undefined;
}

const heardAt = ({ state }: Member): number => state?.lastHeardAt ?? 0;

export class Images {
  private readonly pools = new Map<Image, Pool>();

  /** @returns devices whose own place has to be looked at again: they stood for an image, or do from now on */
  settle(was: Row | undefined, now: Member, isAccepted: boolean): readonly DeviceId[] {
    const left = was !== undefined && was.image !== now.row.image ? this.leave(was) : undefined;
    const changed = isAccepted ? this.join(now) : this.leave(now.row);
    return [left, changed].filter((id) => id !== undefined);
  }

  stands({ id, image }: Row): boolean {
    return image === null || this.pools.get(image)?.standing === id;
  }

  private join(now: Member): DeviceId | undefined {
    const { image, id } = now.row;
    if (image === null) return undefined;
    const pool = this.pools.get(image) ?? { members: new Map(), standing: undefined };
    this.pools.set(image, pool);
    pool.members.set(id, now);
    const stands = pool.standing === undefined ? undefined : pool.members.get(pool.standing);
    if (stands === undefined || (!stands.connected && isBetter(now, stands))) {
      const before = pool.standing;
      pool.standing = id;
      return before;
    }
    return stands.row.id === id && !now.connected ? this.choose(pool) : undefined;
  }

  private leave({ image, id }: Row): DeviceId | undefined {
    const pool = image === null ? undefined : this.pools.get(image);
    if (pool === undefined || !pool.members.delete(id) || pool.standing !== id) return undefined;
    return this.choose(pool);
  }

  /** Among all of a pool: only when the one that stood is gone. */
  private choose(pool: Pool): DeviceId | undefined {
    let best: Member | undefined;
    for (const member of pool.members.values()) if (best === undefined || isBetter(member, best)) best = member;
    pool.standing = best?.row.id;
    return pool.standing;
  }
}

/** Connected before gone, then heard later. */
const isBetter = (one: Member, other: Member): boolean =>
  one.connected === other.connected ? heardAt(one) > heardAt(other) : one.connected;
