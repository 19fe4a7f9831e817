import assert from 'node:assert/strict';
import type http from 'node:http';
import { copyFile, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { noise } from '../../clients/folder.ts';
import { until } from '../../setup/until.ts';
import type { DownloadProgress } from '../../../src/core/download/downloading.ts';
import type { Loopback } from '../http/loopback.ts';
import { failed, filesIn, leftovers, listed, oddHub, startDownloads, type Downloads } from './downloads.ts';

const KIBIBYTE = 1024;
const SIZES = { worthwhile: 64 * KIBIBYTE, least: 64 * KIBIBYTE, most: 256 * KIBIBYTE };
const WEIGHTS = noise(1500 * KIBIBYTE + 11, 4);

type Range = readonly [start: number, end: number];

/** What a request asks for of {@link WEIGHTS}; `end` does not belong to it. */
function rangeOf({ headers }: Pick<http.IncomingMessage, 'headers'>): Range | undefined {
  const [, start, end] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? [];
  return start === undefined ? undefined : [Number(start), end ? Number(end) + 1 : WEIGHTS.length];
}

function sendRange(response: http.ServerResponse, [start, end]: Range, content: Buffer = WEIGHTS): void {
  response.writeHead(206, {
    'content-range': `bytes ${start}-${end - 1}/${content.length}`,
    'content-length': end - start,
  });
  response.end(content.subarray(start, end));
}

describe('a large content, downloaded in ranges', () => {
  let downloads: Downloads;
  const servers: Loopback[] = [];
  beforeEach(async () => (downloads = await startDownloads({}, SIZES)));
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
    await downloads.stop();
  });

  const into = () => ({ kind: 'folder', path: join(downloads.folder, 'model') }) as const;
  const version = () => downloads.version({ 'weights.safetensors': WEIGHTS });
  const objects = { method: 'GET', path: /\/objects\// };
  const objectRanges = (): Range[] =>
    downloads.registry.requests
      .filter(({ method, path }) => method === 'GET' && path.includes('/objects/'))
      .map((request): Range => rangeOf(request) ?? [0, WEIGHTS.length])
      .sort(([a], [b]) => a - b);

  async function isWhole(): Promise<void> {
    const held = await filesIn(into().path);
    assert.ok(held.get('weights.safetensors')?.equals(WEIGHTS));
    assert.deepEqual(await leftovers(into().path), []);
    await downloads.nothingLeft();
  }

  async function serve(content: http.RequestListener): Promise<Loopback> {
    const server = await oddHub([listed('weights.safetensors', WEIGHTS)], content);
    servers.push(server);
    return server;
  }

  it('comes over several connections at once, each byte once', async () => {
    const source = await version();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    // The first shows that the server knows ranges.
    downloads.registry.inject({ ...objects, fault: { kind: 'hold', until: held }, after: 1, times: 5 });
    const ended = downloads.downloaded(source, into());
    const waiting = (): number =>
      downloads.registry.requests.filter(
        ({ path, status }) => path.includes('/objects/') && status === undefined,
      ).length;
    await until(() => waiting() >= 5, 'five ranges were asked for at once');
    release();
    const { receivedBytes } = await ended;
    await isWhole();
    assert.ok(receivedBytes >= WEIGHTS.length);
    let at = 0;
    for (const [start, end] of objectRanges()) {
      assert.equal(start, at);
      at = end;
    }
    assert.equal(at, WEIGHTS.length);
  });

  it('keeps to a number of connections', async () => {
    let open = 0;
    let most = 0;
    const server = await serve((request, response) => {
      open += 1;
      most = Math.max(most, open);
      response.on('close', () => (open -= 1));
      // Others have the time to come.
      setTimeout(() => sendRange(response, rangeOf(request)!), 10);
    });
    await downloads.downloaded(downloads.versionAt(server), into(), { concurrency: 2 });
    await isWhole();
    assert.equal(most, 2);
  });

  it('goes on in each range where its connection broke', async () => {
    const source = await version();
    for (const afterBytes of [30_000, 10_000, 50_000, 1]) {
      downloads.registry.inject({ ...objects, fault: { kind: 'resetAnswer', afterBytes } });
    }
    const told: DownloadProgress[] = [];
    await downloads.downloaded(source, into(), { onProgress: (progress) => told.push(progress) });
    await isWhole();
    // Nothing was fetched twice.
    assert.equal(told.at(-1)?.receivedBytes, told.at(-1)?.totalBytes);
    assert.ok(told.every(({ receivedBytes: now }, index) => now >= (told[index - 1]?.receivedBytes ?? 0)));
  });

  it('is thrown away where one byte of one range is another one', async () => {
    const wrong = Buffer.from(WEIGHTS);
    wrong[700_000] = ~(wrong[700_000] ?? 0);
    const server = await serve((request, response) => sendRange(response, rangeOf(request)!, wrong));
    const failure = failed(await downloads.download(downloads.versionAt(server), into()));
    assert.equal(failure.kind, 'corrupt');
    assert.deepEqual(failure.paths, ['weights.safetensors']);
    assert.equal((await filesIn(into().path)).size, 0);
    assert.deepEqual(await leftovers(into().path), []);
    await downloads.nothingLeft();
  });

  it('comes whole from a server that knows no ranges, and the next one without asking again', async () => {
    const other = noise(100 * KIBIBYTE, 8);
    const asked: (string | undefined)[] = [];
    const server = await oddHub(
      [listed('weights.safetensors', WEIGHTS), listed('other.safetensors', other)],
      (request, response) => {
        asked.push(request.headers.range);
        response.end(request.url?.endsWith('other.safetensors') ? other : WEIGHTS);
      },
    );
    servers.push(server);
    await downloads.downloaded(downloads.versionAt(server), into(), { concurrency: 1 });
    await isWhole();
    assert.ok((await filesIn(into().path)).get('other.safetensors')?.equals(other));
    assert.equal(asked.filter((range) => range === undefined).length, 2);
    assert.ok(asked.length <= 4, asked.join(' '));
  });

  for (const [what, answer] of [
    ['the whole content', (response: http.ServerResponse) => response.end(WEIGHTS)],
    ['that there is no such range', (response: http.ServerResponse) => response.writeHead(416).end()],
    ['another range', (response: http.ServerResponse) => sendRange(response, [5, 100])],
    [
      'a range of another content',
      (response: http.ServerResponse, range: Range) => sendRange(response, range, Buffer.alloc(2_000_000)),
    ],
  ] as const) {
    it(`is fetched anew where a later answer is ${what}`, async () => {
      let requests = 0;
      const server = await serve((request, response) => {
        requests += 1;
        const range = rangeOf(request);
        if (range === undefined) response.end(WEIGHTS);
        else if (requests === 3) answer(response, range);
        else sendRange(response, range);
      });
      await downloads.downloaded(downloads.versionAt(server), into());
      await isWhole();
    });
  }

  it('may come in shorter ranges than were asked for', async () => {
    const server = await serve((request, response) => {
      const [start, end] = rangeOf(request)!;
      sendRange(response, [start, Math.min(end, start + 50_000)]);
    });
    await downloads.downloaded(downloads.versionAt(server), into());
    await isWhole();
  });

  describe('when it is cancelled with gaps', () => {
    const BEHIND = 400_000;
    /** Answers what lies behind, and never what lies before but for its first bytes. */
    async function cancelledWithGaps(): Promise<Loopback> {
      const server = await serve((request, response) => {
        const [start, end] = rangeOf(request)!;
        if (isOpen) asked += end - start;
        if (start >= BEHIND || isOpen) sendRange(response, [start, end]);
        else {
          response.writeHead(206, { 'content-range': `bytes ${start}-${end - 1}/${WEIGHTS.length}` });
          response.write(WEIGHTS.subarray(start, start + 1000));
        }
      });
      let received = 0;
      const controller = new AbortController();
      const ended = downloads.download(downloads.versionAt(server), into(), {
        signal: controller.signal,
        onProgress: ({ receivedBytes }) => (received = receivedBytes),
      });
      await until(() => received > WEIGHTS.length - BEHIND - SIZES.most, 'what lies behind is there');
      controller.abort();
      assert.equal((await ended).kind, 'cancelled');
      await downloads.nothingLeft();
      isOpen = true;
      return server;
    }
    let isOpen = false;
    /** Bytes since then. */
    let asked = 0;
    beforeEach(() => ([isOpen, asked] = [false, 0]));

    const partial = async (): Promise<string> => {
      const found = (await leftovers(into().path)).find((name) => name.includes('.6d6f7265.'));
      assert.ok(found);
      return join(into().path, found);
    };

    it('goes on with what is missing alone', async () => {
      const server = await cancelledWithGaps();
      const source = downloads.versionAt(server);
      const { bytes } = await downloads.plan(source, into());
      assert.ok(bytes > 0 && bytes <= BEHIND + SIZES.most, `${bytes} bytes are missing`);
      await downloads.downloaded(source, into());
      await isWhole();
      assert.equal(asked, bytes);
    });

    it('begins anew where the partial file is another one', async () => {
      const server = await cancelledWithGaps();
      const path = await partial();
      await copyFile(path, `${path}.copy`);
      await rename(`${path}.copy`, path);
      const source = downloads.versionAt(server);
      assert.equal((await downloads.plan(source, into())).bytes, WEIGHTS.length);
      await downloads.downloaded(source, into());
      await isWhole();
    });

    it('is fetched anew where what was left is of another content', async () => {
      const server = await cancelledWithGaps();
      const path = await partial();
      // The same file, with other bytes.
      await writeFile(path, Buffer.alloc((await stat(path)).size), { flag: 'r+' });
      await downloads.downloaded(downloads.versionAt(server), into());
      await isWhole();
    });

    it('believes no note that is none', async () => {
      const server = await cancelledWithGaps();
      const notes = (await partial()).replace('.6d6f7265.', '.72616e67.');
      await writeFile(notes, '{"version":1,"ranges":[[0,99999999]]}');
      await downloads.downloaded(downloads.versionAt(server), into());
      await isWhole();
      assert.deepEqual(
        (await readdir(into().path, { recursive: true })).filter((name) => name.includes('.72616e67.')),
        [],
      );
    });
  });
});
