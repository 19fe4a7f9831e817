import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccessToken } from '../../../src/core/accessToken.ts';
import { Failure, type FailureKind } from '../../../src/core/failure.ts';
import type { HttpClient } from '../../../src/core/http/client.ts';
import { createHttpClient } from '../../../src/core/http/nodeClient.ts';
import { createHubClient } from '../../../src/core/hub/client.ts';
import type { HubConnection } from '../../../src/core/hub/connection.ts';
import type { RemoteFile } from '../../../src/core/hub/remoteFile.ts';
import { readFileContent } from '../../../src/core/hub/fileContent.ts';
import { asSha256, type GitObjectId } from '../../../src/core/objectIds.ts';
import type { RunningRegistry } from '../../registry/registry.ts';
import { startRegistry } from '../../registry/startRegistry.ts';
import { silent } from '../snapshot/repositories.ts';

const MOST = 1000;
const FILES = {
  'a.txt': 'plain',
  'empty.txt': '',
  'odd/100% #1?.txt': 'odd',
  'large.bin': 'kept in LFS',
  'long.txt': 'x'.repeat(MOST + 1),
  '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n',
};

describe('the content of a file of a version', () => {
  const { signal } = new AbortController();
  let dataDir: string;
  let registry: RunningRegistry;
  let http: HttpClient;
  let hub: HubConnection;
  let commit: string;
  let files: ReadonlyMap<string, RemoteFile>;

  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'file-content-'));
    registry = await startRegistry({ dataDir });
    http = createHttpClient({
      userAgent: 'hub-tests',
      log: silent,
      backoff: { retries: 1, firstMs: 1, longestMs: 2, longestAskedMs: 100 },
    });
    const endpoint = new URL(
      `${registry.packagesUrl}/${registry.organization}/${registry.registry}/huggingface`,
    );
    hub = { endpoint, token: new AccessToken(registry.token, [endpoint]), model: 'acme/read', http };
    commit = await registry.addModelVersion(registry.organization, registry.registry, hub.model, FILES);
    const tree = await createHubClient(hub).tree(commit, signal);
    files = new Map(tree?.map((file) => [file.path, file]));
  });
  after(async () => {
    http.dispose();
    await registry.stop();
    await rm(dataDir, { recursive: true, force: true });
  });
  afterEach(() => registry.clearFaults());

  const file = (path: string) => files.get(path)!;
  const refused = async (asked: RemoteFile, kind: FailureKind) =>
    assert.rejects(
      readFileContent(hub, commit, asked, MOST, signal),
      (error) => error instanceof Failure && error.kind === kind && error.message.includes(asked.path),
    );

  for (const path of ['a.txt', 'empty.txt', 'odd/100% #1?.txt'] as const) {
    it(`is read, as of ${path}`, async () => {
      assert.equal((await readFileContent(hub, commit, file(path), MOST, signal)).toString(), FILES[path]);
    });
  }

  it('is read from the LFS store', async () => {
    const asked = file('large.bin');
    assert.equal(asked.sha256, createHash('sha256').update(FILES['large.bin']).digest('hex'));
    assert.equal((await readFileContent(hub, commit, asked, MOST, signal)).toString(), FILES['large.bin']);
  });

  it('is read where the registry sends to another origin, which gets no token', async () => {
    const asked: IncomingHttpHeaders[] = [];
    const elsewhere = createServer(({ headers }, response) => {
      asked.push(headers);
      response.end(FILES['a.txt']);
    });
    await once(elsewhere.listen(0, '127.0.0.1'), 'listening');
    try {
      const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/signed?by=us`;
      registry.inject({ path: /resolve/, fault: { kind: 'status', status: 302, headers: { location } } });
      assert.equal((await readFileContent(hub, commit, file('a.txt'), MOST, signal)).toString(), 'plain');
      assert.equal(registry.requests.at(-1)?.headers.authorization, `Bearer ${registry.token}`);
      assert.deepEqual(
        asked.map(({ authorization }) => authorization),
        [undefined],
      );
    } finally {
      elsewhere.closeAllConnections();
      elsewhere.close();
    }
  });

  it('is not read beyond the most bytes', async () => {
    await refused({ ...file('long.txt'), size: undefined }, 'protocol');
  });

  it('is held to what the list tells: size, Git object and SHA-256', async () => {
    const other = asSha256('0'.repeat(64));
    await refused({ ...file('a.txt'), size: 4 }, 'corrupt');
    await refused({ ...file('a.txt'), gitSha1: '0'.repeat(40) as GitObjectId }, 'corrupt');
    await refused({ ...file('large.bin'), sha256: other }, 'corrupt');
    registry.inject({ path: /resolve/, fault: { kind: 'status', status: 200, body: 'fake!' } });
    await refused(file('a.txt'), 'corrupt');
  });

  for (const [status, kind] of [
    [401, 'auth'],
    [403, 'forbidden'],
    [404, 'notFound'],
    [500, 'server'],
  ] as const) {
    it(`is not to be had at ${status}`, async () => {
      registry.inject({ path: /resolve/, fault: { kind: 'status', status }, times: Infinity });
      await refused(file('a.txt'), kind);
    });
  }
});
