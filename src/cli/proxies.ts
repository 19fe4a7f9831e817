import type http from 'node:http';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import * as l10n from '@vscode/l10n';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { getProxyForUrl } from 'proxy-from-env';
import { isOnThisMachine } from '../core/endpoint.ts';
import { Failure } from '../core/failure.ts';
import { AGENT_OPTIONS, closeIdleSockets, createAgents, type Agents } from '../core/http/agents.ts';
import { basicAuthorization } from '../core/http/headers.ts';
import { goesPastProxies } from './noProxy.ts';

/**
 * Connections of a terminal, where no editor knows the person's proxy: by `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and
 * `NO_PROXY` of this process, in either case of letters, as curl and Git have it.
 */
export function createProxiedAgents(): Agents {
  const direct = createAgents();
  const proxied = new Map<string, http.Agent>();
  return {
    agentFor(url, connection) {
      // What goes to this machine in the clear, a token among it, must not leave it so; nor would a proxy lead back here.
      const isPrivate = url.protocol === 'http:' && isOnThisMachine(url);
      const proxy = isPrivate ? undefined : proxyFor(url);
      if (!proxy) return direct.agentFor(url, connection);
      const key = `${url.protocol} ${proxy.href} ${connection}`;
      let agent = proxied.get(key);
      if (!agent) {
        // Its name and password are given as a header: the agents log the address where DEBUG asks for that.
        const authorization = basicAuthorization(proxy);
        const headers = authorization === undefined ? {} : { 'Proxy-Authorization': authorization };
        const address = new URL(proxy.origin);
        agent =
          url.protocol === 'https:'
            ? new Tunnel(address, { ...AGENT_OPTIONS[connection], headers })
            : new HttpProxyAgent(address, { ...AGENT_OPTIONS[connection], headers });
        proxied.set(key, agent);
      }
      return agent;
    },
    closeIdle: () => {
      direct.closeIdle();
      for (const agent of proxied.values()) closeIdleSockets(agent);
    },
  };
}

/** @throws Failure `network` for a variable that names no HTTP proxy; not its value, which may hold a password. */
function proxyFor(url: URL): URL | undefined {
  // The library knows a name as it stands, and neither what is below it, nor networks, nor IPv6.
  const { no_proxy: lower = '', NO_PROXY: upper = '' } = process.env;
  if (goesPastProxies(url, lower === '' ? upper : lower)) return undefined;
  const text = getProxyForUrl(url.href);
  if (text === '') return undefined;
  // Without a scheme it speaks HTTP, whatever is asked of it; the library gives it that of the request.
  const named = Object.values(process.env).includes(text) ? text : text.replace(/^\w+:/, 'http:');
  const proxy = URL.canParse(named) ? new URL(named) : undefined;
  if (proxy?.protocol === 'http:' || proxy?.protocol === 'https:') return proxy;
  throw new Failure(
    'network',
    l10n.t(
      'What the environment names as the proxy for {0} is the address of no HTTP proxy. Correct HTTPS_PROXY, HTTP_PROXY or ALL_PROXY.',
      url.host,
    ),
  );
}

/** What a proxy says where it makes no connection is not the server's answer. */
class Tunnel extends HttpsProxyAgent<string> {
  override async connect(...args: Parameters<HttpsProxyAgent<string>['connect']>) {
    const [request, options] = args;
    const { host = '' } = options;
    let status = 200;
    request.once('proxyConnect', (answer: { readonly statusCode: number }) => {
      status = answer.statusCode;
    });
    const identified = {
      ...options,
      // The agent does not tell TLS of a host that has no name.
      checkServerIdentity: (_name: string, certificate: PeerCertificate) =>
        checkServerIdentity(host, certificate),
    };
    const socket = await super.connect(request, identified);
    if (status === 200) return socket;
    socket.destroy();
    throw new Failure(
      status >= 500 ? 'network' : 'refused',
      status === 407
        ? l10n.t(
            'The proxy {0} asks for a name and a password before it connects to {1}. Put them into the address in HTTPS_PROXY.',
            this.proxy.host,
            host,
          )
        : l10n.t(
            'The proxy {0} does not connect to {1}: it answered with status {2}. Check HTTPS_PROXY and NO_PROXY.',
            this.proxy.host,
            host,
            status,
          ),
      { status },
    );
  }
}
