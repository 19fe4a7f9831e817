import { createAgents } from '../core/http/agents.ts';
import type { HttpClient } from '../core/http/client.ts';
import { createHttpClient } from '../core/http/nodeClient.ts';
import type { Log } from '../core/log.ts';
import { type Context, userAgent } from './context.ts';

/** Through the proxies that the environment names. What knows how is loaded only where there is one. */
export async function httpClientFor(context: Context, log: Log): Promise<HttpClient> {
  const namesProxy = Object.keys(context.process.env).some((name) => /_proxy$/i.test(name));
  const agents = namesProxy ? (await import('./proxies.ts')).createProxiedAgents() : createAgents();
  return createHttpClient({ userAgent: userAgent(context), log, agents });
}
