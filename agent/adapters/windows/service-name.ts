/** How Windows knows the agent's service; the package registers it by this name. Never changed. */
export const SERVICE_NAME = "RingbackAgent";
