/** What logins of devices are checked against. */
import type { Binding, DeviceStanding } from "../../protocol/enrolment.ts";
import type { DeviceId, EpochId } from "../../protocol/ids.ts";
import type { PublicKey } from "../../protocol/public-key.ts";

/** A device that says who it is and which life of its outbox it will report from. */
export interface LoginQuestion {
  readonly deviceId: DeviceId;
  readonly epoch: EpochId;
}

export interface LoginFacts {
  readonly publicKey: PublicKey;
  /** Whoever is revoked is not let in; all others may report. */
  readonly standing: DeviceStanding;
  /** `direct`: its logins are bound to the TLS connection. Set at enrolment, never by what a login says. */
  readonly binding: Binding;
  /** The highest sequence of the epoch that is durable; 0 if none. */
  readonly through: number;
}

export interface LoginStore {
  /** What logins are checked against, many at once; one answer each, in order, undefined for an unknown device. */
  loginFacts(asked: readonly LoginQuestion[]): Promise<readonly (LoginFacts | undefined)[]>;
}
