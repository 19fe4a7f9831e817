import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { AccessToken } from '../../../src/core/accessToken.ts';
import { Failure, type FailureKind } from '../../../src/core/failure.ts';
import type { HttpClient } from '../../../src/core/http/client.ts';
import { createHttpClient } from '../../../src/core/http/nodeClient.ts';
import { createHubClient } from '../../../src/core/hub/client.ts';
import type { HubConnection } from '../../../src/core/hub/connection.ts';
import type { RemoteFile } from '../../../src/core/hub/remoteFile.ts';
import { compareWeights } from '../../../src/core/weights/compareWeights.ts';
import { readWeights, readWeightSets } from '../../../src/core/weights/readWeights.ts';
import { MOST_TENSORS } from '../../../src/core/weights/summary.ts';
import { weightSets } from '../../../src/core/weights/weightSets.ts';
import { versionSide } from '../../../src/core/weights/weightsSides.ts';
import type { RunningRegistry } from '../../registry/registry.ts';
import { startRegistry } from '../../registry/startRegistry.ts';
import { silent } from '../snapshot/repositories.ts';
import { gguf, type GgufTensor, safetensors, safetensorsHeader, type TensorShape } from './weightFiles.ts';

const MEBIBYTE = 1024 * 1024;
const LFS = '*.safetensors filter=lfs diff=lfs merge=lfs -text\n*.gguf filter=lfs diff=lfs merge=lfs -text\n';

describe("a summary of a version's weights", function () {
  const { signal } = new AbortController();
  let dataDir: string;
  let registry: RunningRegistry;
  let http: HttpClient;
  let endpoint: URL;
  let models = 0;

  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'weights-'));
    registry = await startRegistry({ dataDir });
    http = createHttpClient({
      userAgent: 'weights-tests',
      log: silent,
      backoff: { retries: 1, firstMs: 1, longestMs: 2, longestAskedMs: 100 },
    });
    endpoint = new URL(`${registry.packagesUrl}/${registry.organization}/${registry.registry}/huggingface`);
  });
  after(async () => {
    http.dispose();
    await registry.stop();
    await rm(dataDir, { recursive: true, force: true });
  });
  afterEach(() => registry.clearFaults());

  /** Publishes a model and reads the first of its weights, or those of `entry`. */
  async function summaryOf(contents: Readonly<Record<string, string | Buffer>>, entry?: string) {
    const { hub, commit, files } = await published(contents);
    const sets = weightSets(files);
    const set = entry === undefined ? sets[0] : sets.find((one) => one.entry === entry);
    assert(set, 'the version has no such weights');
    return readWeights(hub, commit, set, files, signal);
  }

  async function published(contents: Readonly<Record<string, string | Buffer>>) {
    models += 1;
    const hub: HubConnection = {
      endpoint,
      token: new AccessToken(registry.token, [endpoint]),
      model: `acme/weights-${models}`,
      http,
    };
    const commit = await registry.addModelVersion(registry.organization, registry.registry, hub.model, {
      '.gitattributes': LFS,
      ...contents,
    });
    const files = await createHubClient(hub).tree(commit, signal);
    assert(files);
    return { hub, commit, files };
  }

  const refused = (summary: Promise<unknown>, kind: FailureKind, path: string) =>
    assert.rejects(
      summary,
      (error) => error instanceof Failure && error.kind === kind && error.message.includes(path),
    );

  const transfers = () =>
    registry.requests.filter(
      ({ path, headers }) => path.includes('/transfer') || headers.range !== undefined,
    );

  describe('of safetensors', () => {
    it('counts parameters by type, and names the tensors', async () => {
      assert.deepEqual(
        await summaryOf({
          'model.safetensors': safetensors({
            'embed.weight': { dtype: 'BF16', shape: [100, 8] },
            'head.bias': { dtype: 'F32', shape: [7] },
            scalar: { dtype: 'F32', shape: [1] },
          }),
        }),
        {
          parameters: 808,
          dtypes: [
            { dtype: 'BF16', parameters: 800 },
            { dtype: 'F32', parameters: 8 },
          ],
          tensorCount: 3,
          tensors: [
            { name: 'embed.weight', dtype: 'BF16', shape: [100, 8] },
            { name: 'head.bias', dtype: 'F32', shape: [7] },
            { name: 'scalar', dtype: 'F32', shape: [1] },
          ],
          architecture: undefined,
          quantization: undefined,
          contextLength: undefined,
        },
      );
    });

    it('fetches the beginning of a large file only', async () => {
      const before = transfers().length;
      const { parameters } = await summaryOf({
        'model.safetensors': safetensors({ w: { dtype: 'F32', shape: [MEBIBYTE] } }),
      });
      assert.equal(parameters, MEBIBYTE);
      const ranges = transfers()
        .slice(before)
        .map(({ headers }) => headers.range);
      assert(ranges.length > 0);
      assert.deepEqual([...new Set(ranges)], ['bytes=0-65535']);
    });

    it('fetches the rest of a long header, and nothing twice', async () => {
      const tensors = Object.fromEntries(
        Array.from({ length: 2000 }, (_, index) => [
          `model.layers.${index}.mlp.down_proj.weight`,
          { dtype: 'F16', shape: [2, 2] },
        ]),
      );
      const before = transfers().length;
      const summary = await summaryOf({ 'model.safetensors': safetensors(tensors) });
      assert.equal(summary.parameters, 8000);
      assert.equal(summary.tensorCount, 2000);
      assert.equal(summary.tensors.length, MOST_TENSORS);
      const ranges = new Set(
        transfers()
          .slice(before)
          .map(({ headers }) => headers.range),
      );
      assert.equal(ranges.size, 2);
      assert([...ranges].some((range) => range?.toString().startsWith('bytes=65536-')));
    });

    it('adds the shards of an index up, whatever they are called', async () => {
      const summary = await summaryOf({
        'odd dir/a #1-00001-of-00002.safetensors': safetensors({ a: { dtype: 'F16', shape: [3] } }),
        'odd dir/a #1-00002-of-00002.safetensors': safetensors({ b: { dtype: 'F16', shape: [4] } }),
        'odd dir/a #1.safetensors.index.json': JSON.stringify({
          metadata: { total_size: 14, total_parameters: 999 },
          weight_map: {
            a: 'a #1-00001-of-00002.safetensors',
            b: 'a #1-00002-of-00002.safetensors',
          },
        }),
      });
      assert.equal(summary.parameters, 7);
      assert.equal(summary.tensorCount, 2);
    });

    const half = (name: string) => safetensors({ [name]: { dtype: 'F16', shape: [3] } });

    it('adds up what an index names, whatever the names are, and nothing else', async () => {
      const { hub, commit, files } = await published({
        'layer_1.safetensors': half('a'),
        'head %41.safetensors': half('b'),
        'other.safetensors': half('c'),
        'model.safetensors.index.fp16.json': JSON.stringify({
          weight_map: { a: 'layer_1.safetensors', b: 'head %41.safetensors' },
        }),
      });
      const sets = await readWeightSets(hub, commit, files, signal);
      const sums = await Promise.all(
        sets.map(async (set) => {
          const { parameters } = await readWeights(hub, commit, set, files, signal);
          return [set.entry, parameters];
        }),
      );
      assert.deepEqual(sums, [
        ['model.safetensors.index.fp16.json', 6],
        ['other.safetensors', 3],
      ]);
    });

    it('reads so many indexes and no more, those of the top first', async () => {
      const others = Array.from({ length: 250 }, (_, at) => [`a/${at}.safetensors.index.json`, '{}']);
      const { hub, commit, files } = await published({
        ...(Object.fromEntries(others) as Record<string, string>),
        'a.safetensors': half('a'),
        'z.safetensors.index.json': JSON.stringify({ weight_map: { a: 'a.safetensors' } }),
      });
      const from = registry.requests.length;
      const sets = await readWeightSets(hub, commit, files, signal);
      assert.deepEqual(
        sets.map(({ entry, indexed }) => [entry, indexed]),
        [['z.safetensors.index.json', ['a.safetensors']]],
      );
      assert.equal(
        registry.requests.slice(from).filter(({ path }) => path.endsWith('.index.json')).length,
        200,
      );
    });

    it('goes by the names of files where an index is none', async () => {
      const { hub, commit, files } = await published({
        'a.safetensors': half('a'),
        'b.safetensors.index.json': '{"weight_map": [1]}',
      });
      const sets = await readWeightSets(hub, commit, files, signal);
      assert.deepEqual(
        sets.map(({ entry }) => entry),
        ['b.safetensors.index.json'],
      );
      await refused(readWeights(hub, commit, sets[0]!, files, signal), 'corrupt', 'b.safetensors.index.json');
    });

    it('adds shards up that no index puts together', async () => {
      const { parameters } = await summaryOf({
        'model-1-of-2.safetensors': half('a'),
        'model-2-of-2.safetensors': half('b'),
      });
      assert.equal(parameters, 6);
    });

    it('is refused where one of several files is missing', async () => {
      await refused(
        summaryOf({ 'm-1-of-3.safetensors': half('a'), 'm-3-of-3.safetensors': half('b') }),
        'corrupt',
        '1 of 3 files of “m-1-of-3.safetensors” is missing',
      );
      await refused(
        summaryOf({
          'm.safetensors': half('a'),
          'model.safetensors.index.json':
            '{"weight_map":{"a":"m.safetensors","b":"n.safetensors","c":"o.safetensors"}}',
        }),
        'corrupt',
        '2 of 3 files of “model.safetensors.index.json” are missing',
      );
    });

    it('counts what is packed into wider integers, as the configuration tells', async () => {
      const summary = await summaryOf({
        'config.json': JSON.stringify({ quantization_config: { quant_method: 'gptq', bits: 4 } }),
        'model.safetensors': safetensors({ 'layer.qweight': { dtype: 'I32', shape: [10] } }),
      });
      assert.equal(summary.parameters, 80);
    });

    const long = JSON.stringify({ w: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } });
    const hostile: Readonly<Record<string, Buffer>> = {
      'that ends before its tensors': safetensors({ w: { dtype: 'F32', shape: [9] } }).subarray(0, -1),
      'that is empty': Buffer.alloc(0),
      'of seven bytes': Buffer.alloc(7),
      'whose header has 2^60 bytes': safetensorsHeader('{}', 2n ** 60n),
      'whose header ends after the file': safetensorsHeader(long, 500n),
      'whose header is not JSON': safetensorsHeader('{"w": '),
      'whose header is null': safetensorsHeader('null'),
      'whose tensor is null': safetensorsHeader('{"w": null}'),
      'whose shape is no list': safetensorsHeader('{"w": {"dtype":"F32","shape":{},"data_offsets":[0,4]}}'),
      'with a negative dimension': safetensorsHeader(
        '{"w": {"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}',
      ),
      'with more parameters than bits': safetensorsHeader(
        '{"w": {"dtype":"F32","shape":[4000000000,4000000000],"data_offsets":[0,4]}}',
      ),
      'with more parameters than numbers go': safetensorsHeader(
        `{"w": {"dtype":"F32","shape":[${Array(40).fill('4000000000').join()}],"data_offsets":[0,4]}}`,
      ),
    };
    for (const [what, content] of Object.entries(hostile)) {
      it(`is refused for a file ${what}`, () =>
        refused(summaryOf({ 'model.safetensors': content }), 'corrupt', 'model.safetensors'));
    }

    for (const [what, index] of Object.entries({
      'is not JSON': '{',
      'names a file that is not there': '{"weight_map":{"a":"gone.safetensors"}}',
      'leads out of the version': '{"weight_map":{"a":"../../../../etc/x.safetensors"}}',
      'leads out of the version in disguise': '{"weight_map":{"a":"%2e%2e/%2e%2e/x.safetensors"}}',
      'names another server': '{"weight_map":{"a":"https://example.com/x.safetensors"}}',
    })) {
      it(`is refused for an index that ${what}, and nothing else is asked for`, async () => {
        const before = registry.requests.length;
        await refused(
          summaryOf({
            'model-00001-of-00001.safetensors': safetensors({ a: { dtype: 'F16', shape: [3] } }),
            'model.safetensors.index.json': index,
          }),
          'corrupt',
          'model.safetensors.index.json',
        );
        const asked = registry.requests.slice(before).filter(({ path }) => path.includes('/resolve/'));
        assert(asked.every(({ path }) => path.endsWith('/model.safetensors.index.json')));
      });
    }

    it('does not run through a configuration with patterns without end', async () => {
      const summary = await summaryOf({
        'config.json': JSON.stringify({
          quantization_config: {
            quant_method: 'gptq',
            bits: 4,
            modules_to_not_convert: Array(1001).fill('x'),
          },
        }),
        'model.safetensors': safetensors({ 'layer.qweight': { dtype: 'I32', shape: [10] } }),
      });
      assert.equal(summary.parameters, 10);
    });

    it('says nothing false of any bytes', async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), fc.json(), async (bytes, text) => {
          for (const content of [Buffer.from(bytes), safetensorsHeader(text)]) {
            try {
              const { parameters } = await summaryOf({ 'model.safetensors': content });
              assert(Number.isSafeInteger(parameters) && parameters <= content.length * 8);
            } catch (error) {
              assert(error instanceof Failure && error.kind === 'corrupt', String(error));
            }
          }
        }),
        { numRuns: 6 },
      );
    });
  });

  describe('of GGUF', () => {
    const METADATA = {
      'general.architecture': 'llama',
      'general.file_type': 2,
      'llama.context_length': 8192,
      'tokenizer.ggml.tokens': ['<s>', '</s>', 'ü'],
    };
    const TENSORS: readonly GgufTensor[] = [
      { name: 'token_embd.weight', shape: [64n, 32n], type: 2 },
      { name: 'output_norm.weight', shape: [64n], type: 0 },
    ];

    it('tells architecture, context length, quantization, parameters and tensors', async () => {
      assert.deepEqual(await summaryOf({ 'tiny-Q4_0.gguf': gguf(METADATA, TENSORS) }), {
        parameters: 2112,
        dtypes: [
          { dtype: 'Q4_0', parameters: 2048 },
          { dtype: 'F32', parameters: 64 },
        ],
        tensorCount: 2,
        tensors: [
          { name: 'token_embd.weight', dtype: 'Q4_0', shape: [32, 64] },
          { name: 'output_norm.weight', dtype: 'F32', shape: [64] },
        ],
        architecture: 'llama',
        quantization: 'Q4_0',
        contextLength: 8192,
      });
    });

    it('adds shards up', async () => {
      const summary = await summaryOf({
        'big-00001-of-00002.gguf': gguf(METADATA, TENSORS.slice(0, 1)),
        'big-00002-of-00002.gguf': gguf({}, TENSORS.slice(1)),
      });
      assert.equal(summary.parameters, 2112);
      assert.equal(summary.architecture, 'llama');
    });

    it('is refused where one of several files is missing, by their names or by what they say', async () => {
      const file = gguf({ 'split.count': 3 }, TENSORS);
      await refused(
        summaryOf({ 'big-00001-of-00003.gguf': file, 'big-00003-of-00003.gguf': file }),
        'corrupt',
        '1 of 3 files of “big-00001-of-00003.gguf” is missing',
      );
      await refused(
        summaryOf({ 'renamed.gguf': file }),
        'corrupt',
        '2 of 3 files of “renamed.gguf” are missing',
      );
    });

    it('reads a header of several megabytes', async () => {
      const words = Array.from({ length: 120_000 }, (_, index) => `a word of a vocabulary ${index}`);
      const summary = await summaryOf({
        'words.gguf': gguf({ ...METADATA, 'tokenizer.ggml.tokens': words }, TENSORS),
      });
      assert.equal(summary.tensorCount, 2);
    });

    const whole = gguf(METADATA, TENSORS, { data: 0 });
    const hostile: Readonly<Record<string, Buffer>> = {
      'that is empty': Buffer.alloc(0),
      'that is something else': Buffer.from('GIF89a and so on and so on'),
      'of another version': Buffer.concat([Buffer.from('GGUF'), Buffer.alloc(60, 9)]),
      'cut in its metadata': whole.subarray(0, 60),
      'cut in its tensors': whole.subarray(0, whole.length - 10),
      'with 2^60 tensors': gguf(METADATA, TENSORS, { tensorCount: 2n ** 60n }),
      'with 2^60 values': gguf(METADATA, TENSORS, { valueCount: 2n ** 60n }),
      'with more tensors than it has room for': gguf(METADATA, TENSORS, { tensorCount: 5000n }),
      'with a dimension of 2^60': gguf(METADATA, [{ name: 'w', shape: [2n ** 60n], type: 0 }]),
      'with more parameters than bits': gguf(METADATA, [
        { name: 'w', shape: [2n ** 31n, 2n ** 31n], type: 0 },
      ]),
    };
    for (const [what, content] of Object.entries(hostile)) {
      it(`is refused for a file ${what}`, () =>
        refused(summaryOf({ 'model.gguf': content }), 'corrupt', 'model.gguf'));
    }
  });

  describe('from servers', () => {
    const CONTENT = safetensors({ w: { dtype: 'F32', shape: [3] } });
    const FILES: readonly RemoteFile[] = [
      { path: 'model.safetensors', size: CONTENT.length + MEBIBYTE, gitSha1: undefined, sha256: undefined },
    ];

    /** Reads the weights from a server that answers as `listener` does. */
    async function readFrom(
      listener: RequestListener,
      abort: AbortSignal = signal,
      files: readonly RemoteFile[] = FILES,
    ) {
      const server = createServer(listener);
      await once(server.listen(0, '127.0.0.1'), 'listening');
      try {
        const place = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hub`);
        const hub = { endpoint: place, token: new AccessToken('secret', [place]), model: 'acme/odd', http };
        const [set] = weightSets(files);
        assert(set);
        return await readWeights(hub, '0'.repeat(40), set, files, abort);
      } finally {
        server.closeAllConnections();
        server.close();
      }
    }

    it('that ignore ranges: the beginning is taken, and the connection closed', async () => {
      let closed: Promise<unknown> | undefined;
      const { parameters } = await readFrom((_request, response) => {
        closed = once(response, 'close');
        response.write(CONTENT);
        const flood = () => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536)));
        };
        response.on('drain', flood);
        flood();
      });
      assert.equal(parameters, 3);
      await closed;
    });

    it('that do not tell sizes', async () => {
      const { parameters } = await readFrom(
        (_request, response) => response.end(CONTENT),
        signal,
        FILES.map((file) => ({ ...file, size: undefined })),
      );
      assert.equal(parameters, 3);
    });

    it('that do not tell sizes, of files that are longer than what is asked for at first', async () => {
      const long = safetensors({ w: { dtype: 'F32', shape: [50_000] } });
      const unsized = FILES.map((file) => ({ ...file, size: undefined }));
      const chunked = await readFrom((_request, response) => response.end(long), signal, unsized);
      assert.equal(chunked.parameters, 50_000);
      const ranged = await readFrom(
        ({ headers }, response) => {
          const [, from = '', to = ''] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
          response.writeHead(206, { 'content-range': `bytes ${from}-${to}/*` });
          response.end(long.subarray(Number(from), Number(to) + 1));
        },
        signal,
        unsized,
      );
      assert.equal(ranged.parameters, 50_000);
    });

    it('that promise more than they send, without end', async () => {
      const files = [{ path: 'model.gguf', size: undefined, gitSha1: undefined, sha256: undefined }];
      const begun = gguf({}, []).subarray(0, 20);
      await refused(
        readFrom(
          ({ headers }, response) => {
            const [, from = ''] = /^bytes=(\d+)-/.exec(headers.range ?? '') ?? [];
            response.writeHead(206, { 'content-range': `bytes ${from}-999999/1000000` });
            response.end(from === '0' ? begun : '');
          },
          signal,
          files,
        ),
        'network',
        'stopped in the middle of “model.gguf”',
      );
    });

    it('that hold a header which is longer than what is read, though the format allows it', async () => {
      const header = safetensorsHeader('{', 30_000_000n);
      await refused(
        readFrom(
          (_request, response) => response.end(Buffer.concat([header, Buffer.alloc(MEBIBYTE)])),
          signal,
          [{ ...FILES[0]!, size: 40_000_000 }],
        ),
        'refused',
        'The header of “model.safetensors” has 30 MB. The format allows that, but Model Registries reads 25 MB',
      );
    });

    it('that send another part than was asked for', async () => {
      await refused(
        readFrom((_request, response) => {
          response.writeHead(206, { 'content-range': `bytes 5-${CONTENT.length}/${CONTENT.length}` });
          response.end(CONTENT.subarray(5));
        }),
        'protocol',
        'model.safetensors',
      );
    });

    it('that redirect to another origin, which gets the range and no token', async () => {
      const asked: IncomingHttpHeaders[] = [];
      const storage = createServer(({ headers }, response) => {
        asked.push(headers);
        response.end(CONTENT);
      });
      await once(storage.listen(0, '127.0.0.1'), 'listening');
      try {
        const location = `http://127.0.0.1:${(storage.address() as AddressInfo).port}/signed`;
        await readFrom(
          (request, response) => {
            assert.equal(request.headers.authorization, 'Bearer secret');
            response.writeHead(302, { location }).end();
          },
          signal,
          [{ ...FILES[0]!, size: CONTENT.length }],
        );
        assert.deepEqual(
          asked.map(({ authorization, range }) => [authorization, range]),
          [[undefined, `bytes=0-${CONTENT.length - 1}`]],
        );
      } finally {
        storage.closeAllConnections();
        storage.close();
      }
    });

    for (const [status, kind] of [
      [401, 'auth'],
      [403, 'forbidden'],
      [404, 'notFound'],
      [500, 'server'],
    ] as const) {
      it(`that refuse with ${status}`, () =>
        refused(
          readFrom((_request, response) => response.writeHead(status).end()),
          kind,
          'model.safetensors',
        ));
    }

    it('that never answer, until it is cancelled', async () => {
      const controller = new AbortController();
      await assert.rejects(
        readFrom(() => controller.abort(), controller.signal),
        { name: 'AbortError' },
      );
    });
  });

  describe('beside those of another version', () => {
    const side = ({ hub, commit, files }: Awaited<ReturnType<typeof published>>) =>
      versionSide(hub, commit, files);
    const f32 = (...shape: readonly number[]) => ({ dtype: 'F32', shape });
    const big = (tensors: Readonly<Record<string, TensorShape>>) =>
      Buffer.concat([safetensors(tensors), Buffer.alloc(MEBIBYTE)]);

    it('are told apart by their headers alone, in however many files', async () => {
      const before = await published({
        'model.safetensors': big({ a: f32(2), b: f32(3) }),
        'same.gguf': gguf({}, []),
      });
      const shards = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'] as const;
      const after = await published({
        [shards[0]]: big({ a: f32(2) }),
        [shards[1]]: big({ b: f32(4) }),
        'model.safetensors.index.json': JSON.stringify({ weight_map: { a: shards[0], b: shards[1] } }),
        'same.gguf': gguf({}, []),
      });
      const from = registry.requests.length;
      const changed = new Set(['model.safetensors', ...shards, 'model.safetensors.index.json']);
      const [set, ...others] = await compareWeights(side(before), side(after), changed, signal);
      assert.deepEqual(others, []);
      assert(set?.kind === 'changed');
      assert.deepEqual(
        [set.before.entry, set.after.entry],
        ['model.safetensors', 'model.safetensors.index.json'],
      );
      assert.deepEqual(
        set.changes.tensors.map(({ kind, name }) => [kind, name]),
        [['shape', 'b']],
      );
      assert.deepEqual(
        set.changes.alike.map((pair) => pair.after.name),
        ['a'],
      );
      const asked = registry.requests.slice(from).filter(({ path }) => path.includes('/resolve/'));
      assert.ok(asked.length > 0 && !asked.some(({ path }) => path.includes('same.gguf')));
      const ranges = registry.requests.slice(from).flatMap(({ headers }) => headers.range ?? []);
      assert.ok(
        ranges.every((range) => Number(/-(\d+)$/.exec(range)?.[1]) < 64 * 1024),
        ranges.join(),
      );
    });

    it('are told though others are damaged, which is said, and nothing is asked where no weights changed', async () => {
      const before = await published({
        'a.safetensors': safetensors({ a: f32(2) }),
        'vae/b.safetensors': 'text',
      });
      const after = await published({
        'a.safetensors': safetensors({ a: f32(2) }),
        'vae/b.safetensors': safetensors({ b: f32(1) }),
        'new.gguf': gguf({}, [{ name: 'x', shape: [4n, 2n], type: 1 }]),
      });
      const changed = new Set(['a.safetensors', 'vae/b.safetensors', 'new.gguf']);
      const sets = await compareWeights(side(before), side(after), changed, signal);
      assert.deepEqual(
        sets.map(({ kind }) => kind),
        ['changed', 'new', 'unread'],
      );
      assert.ok(sets[1]?.kind === 'new' && sets[1].totals.parameters === 8);
      assert.ok(sets[2]?.kind === 'unread' && sets[2].problem.includes('vae/b.safetensors'));
      const from = registry.requests.length;
      assert.deepEqual(await compareWeights(side(before), side(after), new Set(['README.md']), signal), []);
      assert.equal(registry.requests.length, from);
    });

    it('are read of eight sets and no more', async () => {
      const names = [...Array(10).keys()].map((at) => `m${at}.gguf`);
      const of = (tensors: readonly GgufTensor[]) =>
        published(Object.fromEntries(names.map((name) => [name, gguf({}, tensors)])));
      const [before, after] = [await of([]), await of([{ name: 'x', shape: [1n], type: 0 }])];
      const sets = await compareWeights(side(before), side(after), new Set(names), signal);
      assert.deepEqual(
        sets.map(({ kind }) => kind),
        [...Array<string>(8).fill('changed'), 'unread', 'unread'],
      );
    });
  });
});
