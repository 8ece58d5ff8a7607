/** Exit codes with which Windows' installers say that the machine has to be restarted, as Microsoft documents them. */
const RESTART_REQUIRED = 3010;
const RESTART_BEGUN = 1641;

/** It says nothing about whether anything was done. */
export const isRestartDue = (exitCode: number): boolean => exitCode === RESTART_REQUIRED || exitCode === RESTART_BEGUN;
