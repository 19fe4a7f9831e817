import assert from 'node:assert/strict';
import type http from 'node:http';
import { join } from 'node:path';
import { createDownloader } from '../../../src/core/download/downloader.ts';
import type {
  DownloadDestination,
  Downloader,
  DownloadOutcome,
  DownloadSource,
} from '../../../src/core/download/downloading.ts';
import { modelFiles, noise } from '../../clients/folder.ts';
import { until } from '../../setup/until.ts';
import { testClient, type Loopback, type TestClient } from '../http/loopback.ts';
import {
  filesIn,
  leftovers,
  listed,
  oddHub,
  same,
  startDownloads,
  type Downloads,
  type Outcome,
} from './downloads.ts';

const KIBIBYTE = 1024;
/** Bytes of a content that come before the rest. */
const PART = 200 * KIBIBYTE;
const SIZES = { worthwhile: 1024 * KIBIBYTE, least: 64 * KIBIBYTE, most: 256 * KIBIBYTE };

describe('two processes that download to the same place at once', () => {
  let downloads: Downloads;
  let client: TestClient;
  /** Neither knows of the other one. */
  let one: Downloader;
  let other: Downloader;
  let server: Loopback | undefined;

  beforeEach(async () => {
    downloads = await startDownloads({}, SIZES);
    client = testClient();
    const log = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };
    const create = (): Downloader => createDownloader({ http: client.http, log, pieceSizes: SIZES });
    [one, other] = [create(), create()];
  });
  afterEach(async () => {
    client.dispose();
    await server?.close();
    server = undefined;
    await downloads.stop();
  });

  const folder = (): DownloadDestination => ({ kind: 'folder', path: join(downloads.folder, 'model') });

  async function run(
    downloader: Downloader,
    source: DownloadSource,
    destination: DownloadDestination,
    signal = new AbortController().signal,
    onReceived: (bytes: number) => void = () => undefined,
  ): Promise<DownloadOutcome> {
    const plan = await downloader.plan(source, destination, { signal });
    return downloader.download(plan, {
      onProgress: ({ receivedBytes }) => onReceived(receivedBytes),
      signal,
      differing: 'keep',
    });
  }

  async function serve(content: Buffer, answer: http.RequestListener): Promise<DownloadSource> {
    server = await oddHub([listed('weights.safetensors', content)], answer);
    return downloads.versionAt(server);
  }

  for (const [where, destination] of [
    ['a folder', folder],
    ['the cache', (): DownloadDestination => ({ kind: 'cache', folder: downloads.folder, links: true })],
    [
      'a cache without links',
      (): DownloadDestination => ({ kind: 'cache', folder: downloads.folder, links: false }),
    ],
  ] as const) {
    it(`both have the whole version in ${where}`, async () => {
      const small = Array.from({ length: 60 }, (_, index): [string, Buffer] => [
        `small/${index}.bin`,
        noise(5000, index + 1),
      ]);
      const files = Object.fromEntries([...modelFiles(), ...small, ['weights.bin', noise(3_000_000, 7)]]);
      const source = await downloads.version(files);
      const outcomes = await Promise.all(
        [one, other].map((downloader) => run(downloader, source, destination())),
      );
      for (const outcome of outcomes) {
        const held = await filesIn(isDownloaded(outcome).path);
        for (const [path, content] of Object.entries(files)) {
          assert.ok(held.get(path)?.equals(Buffer.from(content)), path);
        }
      }
      assert.deepEqual(await leftovers(downloads.folder), []);
    });
  }

  for (const [size, bytes] of [
    ['small', 600 * KIBIBYTE],
    ['large', 1500 * KIBIBYTE + 11],
  ] as const) {
    it(`leave a ${size} file whole where one of them began it anew and then gave up`, async () => {
      const content = noise(bytes, 4);
      const answers: http.ServerResponse[] = [];
      // It knows no ranges: whoever wants to go on has to begin anew.
      const source = await serve(content, (_request, response) => {
        answers.push(response);
        response.writeHead(200, { 'content-length': content.length });
        response.write(content.subarray(0, PART));
      });
      let received = 0;
      const count = (now: number): void => void (received = now);
      const first = run(one, source, folder(), undefined, count);
      await until(() => received === PART, 'the first has a part of it');
      const ofFirst = [...answers];
      const controller = new AbortController();
      let isAnew = false;
      const second = run(other, source, folder(), controller.signal, (now) => {
        isAnew ||= now === PART && answers.length > ofFirst.length;
      });
      await until(() => isAnew, 'the second began anew');
      for (const answer of ofFirst) answer.end(content.subarray(PART));
      isDownloaded(await first);
      controller.abort();
      assert.equal((await second).kind, 'cancelled');
      same(await filesIn(join(downloads.folder, 'model')), new Map([['weights.safetensors', content]]));
    });
  }

  it('leave each other what came in ranges out of their order', async () => {
    const content = noise(1500 * KIBIBYTE + 11, 4);
    const held: (() => void)[] = [];
    let isOpen = false;
    const source = await serve(content, (request, response) => {
      const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
      const [start, end] = [Number(from), Number(to) + 1];
      response.writeHead(206, { 'content-range': `bytes ${start}-${end - 1}/${content.length}` });
      response.flushHeaders();
      const send = (): void => void response.end(content.subarray(start, end));
      if (start > 0 || isOpen) send();
      else held.push(send);
    });
    let received = 0;
    const first = run(one, source, folder(), undefined, (now) => (received = now));
    await until(() => received > 0, 'what lies behind is there');
    const second = run(other, source, folder());
    await until(() => held.length === 2, 'the second has begun');
    isOpen = true;
    for (const send of held) send();
    for (const outcome of await Promise.all([first, second])) isDownloaded(outcome);
    same(await filesIn(join(downloads.folder, 'model')), new Map([['weights.safetensors', content]]));
  });
});

function isDownloaded(outcome: DownloadOutcome): Outcome<'downloaded'> {
  if (outcome.kind === 'failed') throw outcome.failure;
  assert(outcome.kind === 'downloaded');
  return outcome;
}

function ignore(): void {
  // Nobody reads it.
}
