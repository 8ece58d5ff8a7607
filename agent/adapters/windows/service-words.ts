/** What a service and the service control manager say to each other. */

/** Of winsvc.h. */
export const STATE = { stopped: 1, startPending: 2, stopPending: 3, running: 4 } as const;
export const CONTROL = { stop: 1, interrogate: 4, shutdown: 5, powerEvent: 0xd, preshutdown: 0xf } as const;
export const ACCEPT = { stop: 0x1, shutdown: 0x4, powerEvent: 0x40, preshutdown: 0x100 } as const;
/** Of winbase.h: what a power event is about. */
export const POWER = { suspend: 4, resumeByUser: 7, resume: 0x12 } as const;
/** Of winerror.h. */
export const ANSWER = { ok: 0, notImplemented: 120 } as const;

export interface ServiceState {
  readonly state: (typeof STATE)[keyof typeof STATE];
  /** Which controls may come now, added up. */
  readonly accepts: number;
  /** 0, or an error of winerror.h: with one, a stop counts as a failure. */
  readonly exitCode: number;
  readonly checkPoint: number;
  readonly waitHintMs: number;
}

export interface ServiceCallbacks {
  /** The service is to start; from now on its state may be told. */
  readonly onMain: (tell: (state: ServiceState) => boolean) => void;
  /** Answers at once, with one of `ANSWER`; the caller waits in Windows. */
  readonly onControl: (control: number, eventType: number) => number;
}
