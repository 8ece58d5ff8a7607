/**
 * Node's HTTP client, without what an `import` of node:http brings along: that reads every export there is, and some of
 * them load fetch, HTTP/2 and web streams, 4 MB that this agent has no use for. `npm run bench -- agent` shows it.
 */
export const { Agent: HttpAgent, request: httpRequest } = process.getBuiltinModule("node:http");
