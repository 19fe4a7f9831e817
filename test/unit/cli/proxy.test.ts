import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import http from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createProxiedAgents } from '../../../src/cli/proxies.ts';
import { createHttpClient } from '../../../src/core/http/nodeClient.ts';
import { listen, selfSigned, type Loopback } from '../http/loopback.ts';
import { startPublishing, type Publishing } from '../publish/publishing.ts';
import { scratch } from '../snapshot/repositories.ts';
import { assertEnded, createCli, type Cli } from './builtCli.ts';

/** A proxy as RFC 9110 has it (absolute-form requests and CONNECT), that may ask who is there. */
interface Proxy {
  readonly address: URL;
  /** What it was asked for, and the headers that came with it. */
  readonly asked: { readonly target: string; readonly headers: http.IncomingHttpHeaders }[];
  stop(): Promise<void>;
}

async function startProxy(login?: string): Promise<Proxy> {
  const asked: Proxy['asked'] = [];
  const admits = ({ headers }: http.IncomingMessage) =>
    login === undefined ||
    headers['proxy-authorization'] === `Basic ${Buffer.from(login).toString('base64')}`;
  const proxy = await listen((request, response) => {
    asked.push({ target: request.url ?? '', headers: request.headers });
    if (!admits(request)) {
      response.writeHead(407).end();
      return;
    }
    const { method, headers } = request;
    // Whatever the machine is called, it is this one.
    const { port, pathname, search } = new URL(request.url ?? '');
    const onward = http.request({ port, path: pathname + search, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  proxy.server.on('connect', (request: http.IncomingMessage, socket) => {
    asked.push({ target: request.url ?? '', headers: request.headers });
    if (!admits(request)) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const { hostname, port } = new URL(`http://${request.url ?? ''}`);
    const onward = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  return { address: proxy.url, asked, stop: () => proxy.close() };
}

describe('a publish from a terminal behind a proxy', () => {
  const folders = scratch();
  const tls = selfSigned();
  let publishing: Publishing;
  let cli: Cli;
  let proxy: Proxy;
  /** The registry behind TLS. */
  let secure: Loopback;
  let path: string;
  let models = 0;

  before(async () => {
    cli = await createCli();
    publishing = await startPublishing();
    const { packagesUrl } = publishing.registry;
    secure = await listen((request, response) => {
      const url = new URL(request.url ?? '', packagesUrl);
      const onward = http.request(url, { method: request.method, headers: request.headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 0, answer.headers);
        answer.pipe(response);
      });
      request.pipe(onward);
    }, tls);
    await writeFile(join(cli.home, 'ca.pem'), tls.cert);
  });
  after(async () => {
    await secure.close();
    await publishing.stop();
    await cli.remove();
  });
  beforeEach(async () => {
    proxy = await startProxy();
    const repository = folders.repository();
    repository.write('README.md', '# A model\n');
    repository.commit('First version');
    path = repository.path;
  });
  afterEach(() => proxy.stop());

  const publish = (origin: URL | string, environment: Readonly<Record<string, string>>) => {
    const { organization, registry, token } = publishing.registry;
    const hub = new URL(`/${organization}/${registry}/huggingface`, origin);
    const args = ['publish', path, '--hub', hub.href, '--model', `acme/proxied-${models++}`, '--verbose'];
    const env = { HF_TOKEN: token, NODE_EXTRA_CA_CERTS: join(cli.home, 'ca.pem'), ...environment };
    return cli.run(args, { env });
  };

  /** Asks another machine, such as a storage that a registry of this one names, without encryption. */
  const ask = async (proxyAddress: string): Promise<number> => {
    const { port } = new URL(publishing.registry.packagesUrl);
    const client = createHttpClient({
      ...{ userAgent: 'test', log: publishing.log, agents: createProxiedAgents() },
      backoff: { retries: 0, firstMs: 1, longestMs: 1, longestAskedMs: 0 },
    });
    const before = process.env.HTTP_PROXY;
    process.env.HTTP_PROXY = proxyAddress;
    try {
      const { status } = await client.send({
        ...{ method: 'GET', url: new URL(`http://storage.test:${port}/nothing`), accept: [404] },
        ...{ subject: 'an object', retry: 'never', signal: new AbortController().signal },
      });
      return status;
    } finally {
      if (before === undefined) delete process.env.HTTP_PROXY;
      else process.env.HTTP_PROXY = before;
      client.dispose();
    }
  };

  it('goes through the one that HTTP_PROXY names to another machine', async () => {
    assert.equal(await ask(proxy.address.href), 404);
    assert.match(proxy.asked[0]?.target ?? '', /^http:\/\/storage\.test:\d+\/nothing$/);
  });

  it('goes past it to this machine, where nothing is encrypted', async () => {
    const environment = { HTTP_PROXY: proxy.address.href, ALL_PROXY: proxy.address.href };
    assertEnded(await publish(publishing.registry.packagesUrl, environment), 0);
    assert.deepEqual(proxy.asked, []);
  });

  it('goes through a tunnel of the one that HTTPS_PROXY names, which sees no token', async () => {
    assertEnded(await publish(secure.url, { HTTPS_PROXY: proxy.address.href }), 0);
    assert(proxy.asked.length > 0);
    for (const { target, headers } of proxy.asked) {
      assert.equal(target, secure.url.host);
      assert.equal(headers.authorization, undefined);
    }
  });

  it('takes a proxy without a scheme, in small letters, for one that speaks HTTP', async () => {
    assertEnded(await publish(secure.url, { https_proxy: proxy.address.host }), 0);
    assert(proxy.asked.length > 0);
  });

  it('goes past it where NO_PROXY says so', async () => {
    const environment = { ALL_PROXY: proxy.address.href, NO_PROXY: 'localhost,127.0.0.1' };
    assertEnded(await publish(secure.url, environment), 0);
    assert.deepEqual(proxy.asked, []);
  });

  it('goes past it where NO_PROXY names a network', async () => {
    const environment = { ALL_PROXY: proxy.address.href, no_proxy: '10.0.0.0/8, 127.0.0.0/8' };
    assertEnded(await publish(secure.url, environment), 0);
    assert.deepEqual(proxy.asked, []);
  });

  it('says what the proxy wants that asks for a password', async () => {
    const asking = await startProxy('ada:s%cr3t');
    try {
      const refused = await publish(secure.url, { HTTPS_PROXY: asking.address.href });
      assertEnded(refused, 1);
      assert.match(refused.stderr, /proxy .*asks for a name and a password/i);
      await assert.rejects(ask(asking.address.href), /proxy .*asks for a name and a password/i);
      const address = new URL(asking.address);
      address.username = 'ada';
      address.password = 's%25cr3t';
      const ended = await publish(secure.url, { HTTPS_PROXY: address.href, DEBUG: '*proxy*' });
      assertEnded(ended, 0);
      assert.doesNotMatch(ended.stdout + ended.stderr, /s%(?:25)?cr3t/);
      assert.equal(await ask(address.href), 404);
    } finally {
      await asking.stop();
    }
  });

  it('says what is wrong with one that is no HTTP proxy, and repeats no password', async () => {
    const ended = await publish(secure.url, { ALL_PROXY: 'socks5://ada:s3cret@127.0.0.1:1' });
    assertEnded(ended, 1);
    assert.match(ended.stderr, /no HTTP proxy/);
    assert.doesNotMatch(ended.stderr, /s3cret/);
  });
});
