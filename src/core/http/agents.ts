import http from 'node:http';
import https from 'node:https';

/** Milliseconds a connection stays open without a request. */
const IDLE_CONNECTION_MS = 30_000;

/** `pooled` may have served another request before; `fresh` serves one only. */
export type Connection = 'pooled' | 'fresh';

export interface Agents {
  agentFor(url: URL, connection: Connection): http.Agent;
  /** Closes idle connections now, and those in use when they become idle. */
  closeIdle(): void;
}

const POOLED = {
  keepAlive: true,
  timeout: IDLE_CONNECTION_MS,
  scheduling: 'lifo',
  maxFreeSockets: 8,
  // Node gives each address of a host a quarter of a second, too little for a distant server.
  autoSelectFamilyAttemptTimeout: 1000,
} as const;

export const AGENT_OPTIONS: Readonly<Record<Connection, https.AgentOptions>> = {
  pooled: POOLED,
  fresh: { ...POOLED, keepAlive: false },
};

/** Connections that lead straight to the server, or as an editor decides that equips `node:http` with a proxy. */
export function createAgents(): Agents {
  const { pooled, fresh } = AGENT_OPTIONS;
  const agents = {
    http: { pooled: new http.Agent(pooled), fresh: new http.Agent(fresh) },
    https: { pooled: new https.Agent(pooled), fresh: new https.Agent(fresh) },
  };
  return {
    agentFor: (url, connection) => agents[url.protocol === 'https:' ? 'https' : 'http'][connection],
    closeIdle: () => {
      for (const { pooled: agent } of Object.values(agents)) closeIdleSockets(agent);
    },
  };
}

/** Closes the connections that wait for a request, and keeps none from now on. */
export function closeIdleSockets(agent: http.Agent): void {
  agent.maxFreeSockets = 0;
  for (const sockets of Object.values(agent.freeSockets)) {
    for (const socket of sockets ?? []) socket.destroy();
  }
}
