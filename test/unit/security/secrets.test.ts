import assert from 'node:assert/strict';
import fc from 'fast-check';
import { lookAtFiles } from '../../../src/core/publish/fileLooks.ts';
import { isSecretFile } from '../../../src/core/publish/secretNames.ts';
import { holdsSecret, RULES } from '../../../src/core/publish/secretTexts.ts';
import { encodingOf, windowsOf } from '../../../src/core/publish/textWindows.ts';
import { blob, type HandMade, lfs, memorySnapshot, missing } from '../publish/memorySnapshot.ts';
import { ORDINARY_FILES, SECRET_FILES } from './secretFiles.ts';

describe('Secrets in what is published', () => {
  const never = new AbortController().signal;
  const logged: string[] = [];
  const write = (line: string) => void logged.push(line);
  const log = { trace: write, debug: write, info: write, warn: write, error: write };
  const look = (files: Readonly<Record<string, HandMade>>) =>
    lookAtFiles(memorySnapshot(files).files, log, never);
  const found = async (files: Readonly<Record<string, HandMade>>) =>
    (await look(files)).filter((one) => one.holdsSecret || isSecretFile(one.path)).map(({ path }) => path);

  it(`are found in every one of ${Object.keys(SECRET_FILES).length} realistic files`, async () => {
    const paths = new Set(await found(SECRET_FILES));
    assert.deepEqual(
      Object.keys(SECRET_FILES).filter((path) => !paths.has(path)),
      [],
    );
    assert(Object.keys(SECRET_FILES).length >= 47);
  });

  it('are not seen in the ordinary files of models, documents and code', async () => {
    assert.deepEqual(await found(ORDINARY_FILES), []);
  });

  it('are looked for in all files, however many there are', async () => {
    const token = `ghp_${'a1B2c3'.repeat(6)}`;
    const files = Object.fromEntries(
      Array.from({ length: 700 }, (_, at) => [`n${at}.txt`, blob('nothing\n')]),
    );
    assert.deepEqual(await found({ ...files, 'z.txt': blob(token) }), ['z.txt']);
  });

  it('are neither shown nor logged', async () => {
    const token = `hf_${'AbCdEfGhIj'.repeat(4)}`;
    const looks = await look({ 'a.txt': blob(token), 'b.txt': missing(token) });
    assert(![JSON.stringify(looks), ...logged].some((text) => text.includes(token)));
  });

  it('leave open whether they are in what is not here or too long, and cost little of what is no text', async () => {
    const weights = Buffer.concat([Buffer.from([0, 1, 2, 0]), Buffer.alloc(10_000_000, 1)]);
    const snapshot = memorySnapshot({
      'away.csv': missing('a,b\n'),
      'long.csv': lfs(Buffer.alloc(65 * 1024 * 1024, 'a,b\n')),
      'model.safetensors': lfs(weights),
    });
    const looks = await lookAtFiles(snapshot.files, log, never);
    assert.deepEqual(
      looks.map(({ path, seen }) => [path, seen]),
      [
        ['away.csv', 'nothing'],
        ['long.csv', 'part'],
        ['model.safetensors', 'all'],
      ],
    );
    assert.equal(snapshot.openings.get('model.safetensors'), 1);
    assert(snapshot.streams.every((stream) => stream.destroyed));
  });

  it('stop to be looked for when that is cancelled', async () => {
    const cancelled = AbortSignal.abort(new Error('cancelled'));
    await assert.rejects(
      lookAtFiles(memorySnapshot({ 'a.txt': blob('a') }).files, log, cancelled),
      /cancelled/,
    );
  });

  it('are called as programs call them, in every spelling, and not as their templates and public halves', () => {
    const names = [
      '.env',
      'a/.env.production',
      'id_ed25519',
      'x/server.PEM',
      '.netrc',
      '.aws/credentials',
      'prod.env',
    ];
    const more = [
      '.kube/config',
      '.docker/config.json',
      'kaggle.json',
      'a/.huggingface/token',
      'secrets.toml',
      '.ENVRC',
    ];
    const others = ['.env.example', 'env.py', 'id_rsa.pub', 'keys.md', 'tokenizer.json', 'monkey', 'pem.txt'];
    assert.deepEqual(
      [...names, ...more].filter((name) => !isSecretFile(name)),
      [],
    );
    assert.deepEqual(
      [...others, 'docker/config.json', 'environment.yml', 'secrets.py'].filter(isSecretFile),
      [],
    );
  });

  it('are tokens and keys, and no word that begins like one or stands for one', () => {
    const held = [
      `token = "bkua_${'0123456789abcdef'.repeat(2)}"`,
      `HF_TOKEN=hf_${'AbCdEfGhIj'.repeat(4)}`,
      '-----BEGIN OPENSSH PRIVATE KEY-----',
      '-----BEGIN PRIVATE KEY-----',
      `x ghp_${'a1'.repeat(18)} y`,
      `AKIA${'Q3W4'.repeat(4)}`,
    ];
    const other = ['hf_hub_download(repo_id)', 'bkua_…', 'HF_TOKEN', '-----BEGIN CERTIFICATE-----', 'hf_xet'];
    assert.deepEqual(
      held.filter((text) => !holdsSecret(text)),
      [],
    );
    assert.deepEqual(
      [...other, `AKIAIOSFODNN7EXAMPLE`].filter((text) => holdsSecret(text)),
      [],
    );
  });

  it('are looked for by rules that the hints know: with other rules the hints have to be written anew', () => {
    const known = [
      ...[
        'aws',
        'privatekey',
        'npm',
        'basicauth',
        'slack',
        'sendgrid',
        'shopify',
        'stripe',
        'github',
        'gitlab',
      ],
      ...['grafana', 'openai', 'anthropic', 'groq', 'huggingface', 'linear', 'notion', '1password', 'vercel'],
      ...[
        'database-connection-string',
        'hashicorp-vault',
        'databricks',
        'docker',
        'figma',
        'cloudflare',
        'tailscale',
      ],
    ];
    assert.deepEqual(
      RULES.map(({ meta }) => meta.id.replace('@secretlint/secretlint-rule-', '')).sort(),
      [...known].sort(),
    );
  });

  it('are found wherever they stand in a text, whatever its encoding and however it is cut', async () => {
    const token = `ghp_${'a1B2c3'.repeat(6)}`;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('utf-8', 'utf-16le', 'utf-16be'),
        fc.nat(200_000),
        fc.integer({ min: 1, max: 70_000 }),
        async (encoding, before, cut) => {
          const text = `${'ab cd\n'.repeat(before / 6)}${token}\n${'x y\n'.repeat(1000)}`;
          const plain = Buffer.from(text, encoding === 'utf-8' ? 'utf8' : 'utf16le');
          const bytes = encoding === 'utf-16be' ? plain.swap16() : plain;
          assert.equal(encodingOf(bytes), encoding);
          const chunks = Array.from({ length: Math.ceil(bytes.length / cut) }, (_, at) =>
            bytes.subarray(at * cut, (at + 1) * cut),
          );
          let whole = false;
          for await (const part of windowsOf(chunks, encoding, 4096)) whole ||= part.includes(token);
          assert(whole);
        },
      ),
      { numRuns: 40 },
    );
  });
});
