/** The agent's version as it tells it to the controller; a test holds it to package.json. */
export const AGENT_VERSION = "0.1.0";
