/**
 * Makes what is kept of devices' states small: only what the fleet needs, and what many devices say in the same words is
 * held once. Of a million devices that is a fifth of what they said.
 *
 * Invariant: what is kept equals what came, in the fields that it has; sharing is seen only by comparing references.
 */
import type { KnownState, TrustVersions } from "../store/devices.ts";

type KnownBoot = NonNullable<KnownState["boot"]>;
type KnownMachine = NonNullable<KnownBoot["machine"]>;
type KnownHealthy = NonNullable<KnownState["healthy"]>;
export type KnownVersion = KnownState["content"][number];

/** Some thousand sets are in use at once. Beyond this, sharing begins anew: devices keep what they have. */
const SETS_MAX = 50_000;
/** Honest devices have a few of the newest; others may say any number. */
const TRUSTS_MAX = 1_000;
/** Models by builds of Windows: a fleet has some hundred. */
const MACHINES_MAX = 10_000;

export class KnownStates {
  private readonly texts = new Map<string, string>();
  /** By digest: the same contents may lie at several paths. */
  private readonly versions = new Map<string, { readonly number: number; readonly version: KnownVersion }[]>();
  private readonly sets = new Map<string, readonly KnownVersion[]>();
  private readonly trusts = new Map<string, TrustVersions>();
  private readonly machines = new Map<string, KnownMachine>();
  private versionCount = 0;

  /** For texts of which there are few: sites, roles, words. */
  text<Text extends string>(text: Text): Text {
    const known = this.texts.get(text);
    if (known !== undefined) return known as Text; // it is the same text
    this.texts.set(text, text);
    return text;
  }

  /** @param was of the same device: what did not change since is taken from there */
  keep(state: KnownState, was: KnownState | null): KnownState {
    const { lastHeardAt, boot, healthy, content, leaving, trust, minor } = state;
    return {
      lastHeardAt,
      boot: boot === null || boot === was?.boot ? boot : this.keepBoot(boot),
      healthy: healthy === null || healthy === was?.healthy ? healthy : keepHealthy(healthy, boot),
      content: content === was?.content ? content : this.keepContent(content),
      leaving: leaving === null ? null : this.text(leaving),
      trust: trust === null || trust === was?.trust ? trust : this.keepTrust(trust),
      minor,
    };
  }

  private keepTrust(trust: TrustVersions): TrustVersions {
    const key = `${trust.trustVersion} ${trust.policyVersion}`;
    const known = this.trusts.get(key);
    if (known !== undefined) return known;
    if (this.trusts.size >= TRUSTS_MAX) this.trusts.clear();
    this.trusts.set(key, trust);
    return trust;
  }

  private keepBoot({ bootId, tries, previousEnd, machine }: KnownBoot): KnownBoot {
    const { kind } = previousEnd;
    const kept = { bootId, tries, previousEnd: kind === "bugcheck" ? previousEnd : ENDS[kind] };
    return machine === undefined ? kept : { ...kept, machine: this.keepMachine(machine) };
  }

  private keepMachine(machine: KnownMachine): KnownMachine {
    const { build, maker, model, chassis, utcOffsetMinutes } = machine;
    const key = JSON.stringify([build, maker, model, chassis, utcOffsetMinutes]);
    const known = this.machines.get(key);
    if (known !== undefined) return known;
    if (this.machines.size >= MACHINES_MAX) this.machines.clear();
    this.machines.set(key, machine);
    return machine;
  }

  private keepContent(content: readonly KnownVersion[]): readonly KnownVersion[] {
    let key = "";
    const versions = content.map((version) => {
      const shared = this.share(version);
      key += `${shared.number} `;
      return shared.version;
    });
    const known = this.sets.get(key);
    if (known !== undefined) return known;
    if (this.sets.size >= SETS_MAX) {
      this.sets.clear();
      this.versions.clear();
    }
    this.sets.set(key, versions);
    return versions;
  }

  private share({ source, sha256, label, path }: KnownVersion) {
    const alike = this.versions.get(sha256) ?? [];
    const known = alike.find(
      ({ version }) => version.path === path && version.label === label && version.source === source,
    );
    if (known !== undefined) return known;
    const added = { number: this.versionCount++, version: { source, sha256, label, path } };
    alike.push(added);
    this.versions.set(sha256, alike);
    return added;
  }
}

const ENDS = {
  clean: { kind: "clean" },
  "planned-restart": { kind: "planned-restart" },
  "power-loss": { kind: "power-loss" },
  unknown: { kind: "unknown" },
} as const;

const keepHealthy = ({ bootId }: KnownHealthy, boot: KnownBoot | null): KnownHealthy => ({
  bootId: bootId === boot?.bootId ? boot.bootId : bootId,
});
