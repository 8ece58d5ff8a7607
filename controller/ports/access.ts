/** Who asks. Tokens are opaque; only their hashes are stored. */
export interface Access {
  /** Exchanges the one-time set-up code for a token. Undefined if the code is not good (any more). */
  setUp(code: string, name: string): Promise<{ readonly token: string } | undefined>;
  isSetUp(): Promise<boolean>;
  /** May set-up be tried: until it was done, and again while a link is open that was asked for at the machine since. */
  takesSetup(): Promise<boolean>;
  owner(token: string): Promise<string | undefined>;
}
