/** What `whoami /user /fo csv /nh` prints: the account, whose name is in the machine's language, and its identifier, which is not. */

/** As S-1-5-18. Undefined: this is no such answer. */
export const parseOwnSid = (output: string): string | undefined => /"(S-1(?:-\d+){2,15})"\s*$/.exec(output.trim())?.[1];

/** The account that services of the system run as. */
export const LOCAL_SYSTEM_SID = "S-1-5-18";
