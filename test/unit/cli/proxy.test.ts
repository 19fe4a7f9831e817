import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import http from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
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
    const onward = http.request(request.url ?? '', { method, headers }, (answer) => {
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

  it('goes through the one that HTTP_PROXY names', async () => {
    const { packagesUrl } = publishing.registry;
    assertEnded(await publish(packagesUrl, { HTTP_PROXY: proxy.address.href }), 0);
    assert(proxy.asked.some(({ target }) => target.startsWith(packagesUrl) && target.includes('/commit/')));
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

  for (const scheme of ['http', 'https'] as const) {
    it(`says what the proxy wants that asks for a password on the way to ${scheme}`, async () => {
      const asking = await startProxy('ada:s%cr3t');
      const origin = scheme === 'http' ? publishing.registry.packagesUrl : secure.url;
      const name = `${scheme.toUpperCase()}_PROXY`;
      try {
        const refused = await publish(origin, { [name]: asking.address.href });
        assertEnded(refused, 1);
        assert.match(refused.stderr, /proxy .*asks for a name and a password/i);
        const address = new URL(asking.address);
        address.username = 'ada';
        address.password = 's%25cr3t';
        const ended = await publish(origin, { [name]: address.href, DEBUG: '*proxy*' });
        assertEnded(ended, 0);
        assert.doesNotMatch(ended.stdout + ended.stderr, /s%(?:25)?cr3t/);
      } finally {
        await asking.stop();
      }
    });
  }

  it('says what is wrong with one that is no HTTP proxy, and repeats no password', async () => {
    const ended = await publish(secure.url, { ALL_PROXY: 'socks5://ada:s3cret@127.0.0.1:1' });
    assertEnded(ended, 1);
    assert.match(ended.stderr, /no HTTP proxy/);
    assert.doesNotMatch(ended.stderr, /s3cret/);
  });
});
