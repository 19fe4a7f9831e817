import assert from 'node:assert/strict';
import type http from 'node:http';
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DownloadProgress } from '../../../src/core/download/downloading.ts';
import { until } from '../../setup/until.ts';
import { noise } from '../../clients/folder.ts';
import { listen, type Loopback } from '../http/loopback.ts';
import {
  failed,
  filesIn,
  leftovers,
  listed,
  MODEL,
  oddHub,
  same,
  startDownloads,
  type Downloads,
} from './downloads.ts';

const WEIGHTS = noise(2 * 1024 * 1024 + 11, 3);
const SMALL = Buffer.from('{"hidden_size": 8}\n');

describe('a download that meets with', () => {
  let downloads: Downloads;
  const servers: Loopback[] = [];

  beforeEach(async () => {
    downloads = await startDownloads();
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
    await downloads.stop();
  });

  const into = () => ({ kind: 'folder', path: join(downloads.folder, 'model') }) as const;
  const version = () => downloads.version({ 'weights.safetensors': WEIGHTS, 'config.json': SMALL });
  const contents = /\/(?:resolve|objects)\//;

  async function isWhole(): Promise<void> {
    const held = await filesIn(into().path);
    assert.ok(held.get('weights.safetensors')?.equals(WEIGHTS));
    assert.ok(held.get('config.json')?.equals(SMALL));
    assert.deepEqual(await leftovers(into().path), []);
    await downloads.nothingLeft();
  }

  async function serve(tree: readonly unknown[], content: http.RequestListener): Promise<Loopback> {
    const server = await oddHub(tree, content);
    servers.push(server);
    return server;
  }

  describe('a registry in trouble', () => {
    it('goes on where the connection broke', async () => {
      const source = await version();
      const from = downloads.registry.requests.length;
      for (const afterBytes of [700_000, 600_000]) {
        downloads.registry.inject({ path: /\/objects\//, fault: { kind: 'resetAnswer', afterBytes } });
      }
      const told: DownloadProgress[] = [];
      const { receivedBytes } = await downloads.downloaded(source, into(), {
        onProgress: (progress) => told.push(progress),
      });
      await isWhole();
      const ranges = downloads.registry.requests
        .slice(from)
        .filter(({ path }) => path.includes('/objects/'))
        .map(({ headers }) => headers.range);
      assert.equal(ranges.length, 3);
      assert.equal(ranges[0], undefined);
      assert.ok(ranges.slice(1).every((range) => Number(/^bytes=(\d+)-$/.exec(String(range))?.[1]) > 0));
      // Nothing was fetched twice.
      assert.equal(receivedBytes, told.at(-1)?.totalBytes);
      assert.ok(told.every(({ receivedBytes: now }, index) => now >= (told[index - 1]?.receivedBytes ?? 0)));
    });

    for (const fault of [
      { kind: 'status', status: 429, headers: { 'retry-after': '0' } },
      { kind: 'status', status: 503 },
      { kind: 'resetRequest', afterBytes: 0 },
      { kind: 'loseAnswer' },
      { kind: 'hang' },
    ] as const) {
      it(`asks again after ${fault.kind === 'status' ? fault.status : fault.kind}`, async () => {
        const source = await version();
        downloads.registry.inject({ path: contents, fault, times: 2 });
        await downloads.downloaded(source, into());
        await isWhole();
      });
    }

    for (const [status, kind] of [
      [401, 'auth'],
      [403, 'forbidden'],
      [404, 'notFound'],
      [500, 'server'],
    ] as const) {
      it(`says what a ${status} means, leaves nothing open, and goes on the next time`, async () => {
        const source = await version();
        downloads.registry.inject({
          path: /\/resolve\/.*config/,
          fault: { kind: 'status', status },
          times: Infinity,
        });
        const outcome = await downloads.download(source, into());
        assert.equal(failed(outcome).kind, kind);
        await downloads.nothingLeft();
        downloads.registry.clearFaults();
        await downloads.downloaded(source, into());
        await isWhole();
      });
    }

    it('goes on where the last download failed', async () => {
      const source = await version();
      downloads.registry.inject({ path: /\/objects\//, fault: { kind: 'resetAnswer', afterBytes: 900_000 } });
      downloads.registry.inject({
        path: /\/objects\//,
        fault: { kind: 'status', status: 403 },
        times: Infinity,
      });
      assert.equal(failed(await downloads.download(source, into())).kind, 'forbidden');
      downloads.registry.clearFaults();
      const [left = ''] = await leftovers(into().path);
      const { size } = await stat(join(into().path, left));
      assert.ok(size > 0 && size < WEIGHTS.length);
      const plan = await downloads.plan(source, into());
      assert.ok(plan.bytes <= WEIGHTS.length - size + SMALL.length + 200, `${plan.bytes} to fetch`);
      const told: DownloadProgress[] = [];
      await downloads.downloaded(source, into(), { onProgress: (progress) => told.push(progress) });
      await isWhole();
      assert.ok((told[0]?.receivedBytes ?? 0) >= size);
    });

    it('fetches anew what is left of another content', async () => {
      const source = await version();
      downloads.registry.inject({ path: /\/objects\//, fault: { kind: 'resetAnswer', afterBytes: 900_000 } });
      downloads.registry.inject({
        path: /\/objects\//,
        fault: { kind: 'status', status: 403 },
        times: Infinity,
      });
      await downloads.download(source, into());
      downloads.registry.clearFaults();
      const [left = ''] = await leftovers(into().path);
      for (const content of [
        Buffer.alloc(50_000),
        Buffer.alloc(WEIGHTS.length),
        Buffer.alloc(WEIGHTS.length + 1),
      ]) {
        await writeFile(join(into().path, left), content);
        await downloads.downloaded(source, into(), { differing: 'replace' });
        await isWhole();
        // As if it had never been here.
        await writeFile(join(into().path, 'weights.safetensors'), 'edited');
      }
    });

    it('follows no link that stands in for a partial file', async () => {
      const source = await version();
      downloads.registry.inject({
        path: /\/objects\//,
        fault: { kind: 'status', status: 403 },
        times: Infinity,
      });
      await downloads.download(source, into());
      downloads.registry.clearFaults();
      const [left = ''] = await leftovers(into().path);
      const outside = join(downloads.folder, 'outside');
      await writeFile(outside, 'precious');
      await mkdir(join(into().path, 'x'), { recursive: true });
      const partial = join(into().path, left);
      await rm(partial);
      await symlink(outside, partial);
      await downloads.downloaded(source, into());
      assert.equal(await readFile(outside, 'utf8'), 'precious');
      await isWhole();
    });
  });

  describe('a person who cancels', () => {
    for (const [step, path] of [
      ['the list of files', /\/tree\//],
      ['the first file', /\/resolve\//],
      ['a redirect', /\/objects\//],
    ] as const) {
      it(`during ${step} stops at once and leaves nothing open`, async () => {
        const source = await version();
        const controller = new AbortController();
        downloads.registry.inject({ path, fault: { kind: 'hang' }, times: Infinity });
        const arrived = (): boolean => downloads.registry.requests.some((request) => path.test(request.path));
        const ended = (async () => {
          const plan = await downloads.downloader.plan(source, into(), { signal: controller.signal });
          return downloads.downloader.download(plan, {
            onProgress: () => undefined,
            signal: controller.signal,
            differing: 'keep',
          });
        })();
        const watching = (async () => {
          await until(arrived, 'the request arrived');
          controller.abort(new Error('cancelled'));
        })();
        if (step === 'the list of files') await assert.rejects(ended, /cancelled/);
        else assert.equal((await ended).kind, 'cancelled');
        await watching;
        await downloads.nothingLeft();
      });
    }

    it('in the middle of a file keeps what came, and the next download needs only the rest', async () => {
      const ranges: (string | undefined)[] = [];
      const server = await serve([listed('weights.safetensors', WEIGHTS)], (request, response) => {
        ranges.push(request.headers.range);
        const start = Number(/\d+/.exec(request.headers.range ?? '0')?.[0]);
        if (start === 0) {
          response.writeHead(200, { 'content-length': WEIGHTS.length });
          response.write(WEIGHTS.subarray(0, 700_000));
          return;
        }
        response.writeHead(206, {
          'content-range': `bytes ${start}-${WEIGHTS.length - 1}/${WEIGHTS.length}`,
        });
        response.end(WEIGHTS.subarray(start));
      });
      const source = downloads.versionAt(server);
      const controller = new AbortController();
      const ended = downloads.download(source, into(), { signal: controller.signal });
      const came = async (): Promise<boolean> => {
        const left = (await leftovers(into().path).catch(() => [])).find((name) =>
          name.endsWith('.incomplete'),
        );
        return left !== undefined && (await stat(join(into().path, left))).size === 700_000;
      };
      await until(came, '700,000 bytes are in the folder');
      controller.abort();
      assert.deepEqual(await ended, { kind: 'cancelled', receivedBytes: 700_000 });
      await downloads.nothingLeft();
      assert.equal((await filesIn(into().path)).size, 0);
      const plan = await downloads.plan(source, into());
      assert.equal(plan.bytes, WEIGHTS.length - 700_000);
      await downloads.downloaded(source, into());
      same(await filesIn(into().path), new Map([['weights.safetensors', WEIGHTS]]));
      assert.deepEqual(ranges, [undefined, 'bytes=700000-']);
    });

    it('before it begins has begun nothing', async () => {
      const source = await version();
      const plan = await downloads.plan(source, into());
      const outcome = await downloads.downloader.download(plan, {
        onProgress: () => undefined,
        signal: AbortSignal.abort(),
        differing: 'keep',
      });
      assert.deepEqual(outcome, { kind: 'cancelled', receivedBytes: 0 });
      assert.deepEqual(await readdir(downloads.folder), []);
    });
  });

  describe('a server that sends', () => {
    const tree = [listed('weights.safetensors', WEIGHTS), listed('config.json', SMALL, false)];
    const contentOf = (url = ''): Buffer => (url.endsWith('config.json') ? SMALL : WEIGHTS);

    it('other bytes of the right length: they are thrown away', async () => {
      const server = await serve(tree, (request, response) => {
        const content = Buffer.from(contentOf(request.url));
        if (content.length > 1000) content[1000] = ~(content[1000] ?? 0);
        response.end(content);
      });
      const failure = failed(await downloads.download(downloads.versionAt(server), into()));
      assert.equal(failure.kind, 'corrupt');
      assert.deepEqual(failure.paths, ['weights.safetensors']);
      assert.equal((await filesIn(into().path)).has('weights.safetensors'), false);
      assert.deepEqual(await leftovers(into().path), []);
      await downloads.nothingLeft();
    });

    for (const [what, change] of [
      ['too much', (content: Buffer) => Buffer.concat([content, Buffer.from('more')])],
      ['too little', (content: Buffer) => content.subarray(0, -1)],
    ] as const) {
      it(`${what}, whether or not it says so`, async () => {
        for (const isSaid of [true, false]) {
          const server = await serve(tree, (request, response) => {
            const content = change(contentOf(request.url));
            if (isSaid) response.setHeader('content-length', content.length);
            else response.flushHeaders();
            response.end(content);
          });
          const outcome = await downloads.download(downloads.versionAt(server), into());
          assert.ok(['corrupt', 'network'].includes(failed(outcome).kind), failed(outcome).message);
          assert.equal((await filesIn(into().path)).size, 0);
        }
      });
    }

    it('a body that ends too early without a word, and then the rest', async () => {
      let requests = 0;
      const server = await serve(tree, (request, response) => {
        requests += 1;
        const content = contentOf(request.url);
        const start = Number(/\d+/.exec(request.headers.range ?? '0')?.[0]);
        if (start > 0)
          response.writeHead(206, {
            'content-range': `bytes ${start}-${content.length - 1}/${content.length}`,
          });
        else response.flushHeaders();
        response.end(content.subarray(start, start === 0 ? Math.ceil(content.length / 2) : undefined));
      });
      await downloads.downloaded(downloads.versionAt(server), into());
      await isWhole();
      assert.equal(requests, 4);
    });

    it('another ETag when it is to continue: the file is fetched anew', async () => {
      const asked: http.IncomingHttpHeaders[] = [];
      const server = await serve([tree[0]], (request, response) => {
        asked.push(request.headers);
        const start = Number(/\d+/.exec(request.headers.range ?? '0')?.[0]);
        if (asked.length === 1) {
          // Other bytes, which only their ETag betrays.
          response.writeHead(200, { etag: '"one"', 'content-length': WEIGHTS.length });
          response.write(Buffer.alloc(400_000), () => response.socket?.destroy());
        } else if (start > 0) {
          response.writeHead(206, {
            etag: '"two"',
            'content-range': `bytes ${start}-${WEIGHTS.length - 1}/${WEIGHTS.length}`,
          });
          response.end(WEIGHTS.subarray(start));
        } else response.writeHead(200, { etag: '"two"' }).end(WEIGHTS);
      });
      await downloads.downloaded(downloads.versionAt(server), into());
      assert.ok((await filesIn(into().path)).get('weights.safetensors')?.equals(WEIGHTS));
      assert.equal(asked[1]?.['if-range'], '"one"');
      assert.equal(asked.at(-1)?.range, undefined);
    });

    for (const [what, answer] of [
      ['the whole', (_start: number, response: http.ServerResponse) => response.writeHead(200).end(WEIGHTS)],
      ['416', (_start: number, response: http.ServerResponse) => response.writeHead(416).end()],
      [
        'a range that nobody asked for',
        (start: number, response: http.ServerResponse) =>
          response
            .writeHead(206, { 'content-range': `bytes ${start - 1}-${WEIGHTS.length - 1}/${WEIGHTS.length}` })
            .end(WEIGHTS.subarray(start - 1)),
      ],
      [
        'no range at all',
        (start: number, response: http.ServerResponse) =>
          response.writeHead(206).end(WEIGHTS.subarray(start)),
      ],
    ] as const) {
      it(`${what} when it is to continue`, async () => {
        let broken = false;
        const server = await serve([tree[0]], (request, response) => {
          const { range } = request.headers;
          if (range !== undefined) answer(Number(/\d+/.exec(range)?.[0]), response);
          else if (broken) response.end(WEIGHTS);
          else {
            broken = true;
            response.writeHead(200, { 'content-length': WEIGHTS.length });
            response.write(WEIGHTS.subarray(0, 400_000), () => response.socket?.destroy());
          }
        });
        await downloads.downloaded(downloads.versionAt(server), into());
        assert.ok((await filesIn(into().path)).get('weights.safetensors')?.equals(WEIGHTS));
      });
    }

    it('416 to somebody who asks for everything, or no content: it says what it did', async () => {
      for (const status of [416, 204, 206]) {
        const server = await serve(tree, (_request, response) => response.writeHead(status).end());
        const failure = failed(await downloads.download(downloads.versionAt(server), into()));
        assert.equal(failure.kind, 'protocol');
        assert.match(failure.message, new RegExp(String(status)));
      }
    });

    it('people to a storage elsewhere, which gets no token', async () => {
      const seen: http.IncomingHttpHeaders[] = [];
      const storage = await listen((request, response) => {
        seen.push(request.headers);
        const content = contentOf(new URL(request.url ?? '', 'http://localhost').pathname);
        const start = Number(/\d+/.exec(request.headers.range ?? '0')?.[0]);
        response.writeHead(start > 0 ? 206 : 200, {
          'content-length': content.length - start,
          ...(start > 0 && { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` }),
        });
        const rest = content.subarray(start);
        if (start === 0 && content.length > 1000) {
          response.write(rest.subarray(0, 400_000), () => response.socket?.destroy());
        } else response.end(rest);
      });
      servers.push(storage);
      const authorizations: (string | undefined)[] = [];
      const server = await serve(tree, (request, response) => {
        authorizations.push(request.headers.authorization);
        response
          .writeHead(302, { location: `${storage.url.origin}${request.url ?? ''}?signature=abc` })
          .end();
      });
      await downloads.downloaded(downloads.versionAt(server), into());
      await isWhole();
      assert.ok(seen.length >= 3);
      assert.ok(seen.every(({ authorization }) => authorization === undefined));
      assert.ok(authorizations.every((authorization) => authorization === 'Bearer secret'));
      assert.ok(!downloads.logged.join('\n').includes('signature=abc'));
    });

    it('no list with sizes and hashes: it is asked for each file', async () => {
      const bare = tree.map((entry) => ({ ...entry, size: undefined, oid: undefined, lfs: undefined }));
      const heads: string[] = [];
      const server = await serve(bare, (request, response) => {
        const entry = contentOf(request.url) === SMALL ? tree[1] : tree[0];
        const lfs = entry?.lfs as { oid: string } | undefined;
        if (request.method !== 'HEAD') response.end(contentOf(request.url));
        else {
          heads.push(request.url ?? '');
          if (lfs) {
            response.writeHead(302, {
              location: 'http://127.0.0.1:1/nobody-listens',
              'x-linked-etag': `"${lfs.oid}"`,
              'x-linked-size': WEIGHTS.length,
            });
          } else
            response.writeHead(200, { etag: `W/"${String(entry?.oid)}"`, 'content-length': SMALL.length });
          response.end();
        }
      });
      await downloads.downloaded(downloads.versionAt(server), into());
      await isWhole();
      assert.equal(heads.length, 2);
      const silent = await serve(bare, (_request, response) => response.end());
      await assert.rejects(downloads.plan(downloads.versionAt(silent), into()), /tells no size and hash/);
    });

    it('names that lead out of the folder, or into a place with a meaning: nothing is written', async () => {
      for (const path of [
        '../outside.txt',
        '/etc/outside',
        'a/../../b',
        '.git/hooks/post-checkout',
        'a//b',
        'sub/.GIT/config',
        '.cache/huggingface/x',
      ]) {
        const server = await serve([listed(path, SMALL, false)], (_request, response) => response.end(SMALL));
        await assert.rejects(
          downloads.plan(downloads.versionAt(server), into()),
          /lead out of its folder/,
          path,
        );
      }
      const twice = await serve(
        [listed('a', SMALL, false), listed('a/b', SMALL, false)],
        (_request, response) => response.end(SMALL),
      );
      await assert.rejects(downloads.plan(downloads.versionAt(twice), into()), /side by side/);
      assert.deepEqual(await readdir(downloads.folder), []);
    });

    it('very many files, of which as many are asked for: it is planned without delay', async () => {
      const names = (beginning: string): string[] =>
        Array.from({ length: 40_000 }, (_, index) => `${beginning}/${String(index).padStart(5, '0')}.bin`);
      const server = await serve(
        names('there').map((path) => listed(path, SMALL, false)),
        (_request, response) => response.end(SMALL),
      );
      const { missing } = await downloads.plan(downloads.versionAt(server), into(), [
        ...names('other'),
        'there/00007.bin',
      ]);
      assert.deepEqual(
        missing.map(({ path }) => path),
        ['there/00007.bin'],
      );
    });

    it('a size for which there is no room: nothing is fetched', async () => {
      let fetches = 0;
      const huge = { ...listed('weights.safetensors', WEIGHTS), lfs: { oid: 'b'.repeat(64), size: 2 ** 52 } };
      const server = await serve([huge], (_request, response) => {
        fetches += 1;
        response.end();
      });
      const failure = failed(await downloads.download(downloads.versionAt(server), into()));
      assert.equal(failure.kind, 'disk');
      assert.match(failure.message, /not enough room.*4\.5 PB are needed/);
      assert.equal(fetches, 0);
    });
  });

  it('one token that expires halfway: what came stays', async () => {
    const source = await version();
    downloads.registry.inject({
      path: /\/resolve\/.*weights/,
      fault: { kind: 'status', status: 401 },
      times: Infinity,
    });
    assert.equal(failed(await downloads.download(source, into())).kind, 'auth');
    downloads.registry.clearFaults();
    await downloads.downloaded(source, into());
    same(
      new Map([...(await filesIn(into().path))].filter(([path]) => path !== '.gitattributes')),
      new Map([
        ['weights.safetensors', WEIGHTS],
        ['config.json', SMALL],
      ]),
    );
    assert.equal(source.model, MODEL);
  });
});
