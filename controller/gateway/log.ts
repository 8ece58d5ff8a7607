/** The part of a logger that the gateway uses; pino's fits (it prints what stands under `err`). Frames, signatures and nonces are never logged. */
export interface GatewayLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
