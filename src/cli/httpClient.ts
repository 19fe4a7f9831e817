import type { HttpClient } from '../core/http/client.ts';
import { createHttpClient } from '../core/http/nodeClient.ts';
import type { Log } from '../core/log.ts';
import { type Context, userAgent } from './context.ts';
import { createProxiedAgents } from './proxies.ts';

export function httpClientFor(context: Context, log: Log): HttpClient {
  return createHttpClient({ userAgent: userAgent(context), log, agents: createProxiedAgents() });
}
