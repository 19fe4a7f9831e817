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

export function createAgents(): Agents {
  const pooled: https.AgentOptions = {
    keepAlive: true,
    timeout: IDLE_CONNECTION_MS,
    scheduling: 'lifo',
    maxFreeSockets: 8,
    // Node gives each address of a host a quarter of a second, too little for a distant server.
    autoSelectFamilyAttemptTimeout: 1000,
  };
  const fresh: https.AgentOptions = { ...pooled, keepAlive: false };
  const agents = {
    http: { pooled: new http.Agent(pooled), fresh: new http.Agent(fresh) },
    https: { pooled: new https.Agent(pooled), fresh: new https.Agent(fresh) },
  };
  return {
    agentFor: (url, connection) => agents[url.protocol === 'https:' ? 'https' : 'http'][connection],
    closeIdle: () => {
      for (const { pooled: agent } of Object.values(agents)) {
        agent.maxFreeSockets = 0;
        for (const sockets of Object.values(agent.freeSockets)) {
          for (const socket of sockets ?? []) socket.destroy();
        }
      }
    },
  };
}
