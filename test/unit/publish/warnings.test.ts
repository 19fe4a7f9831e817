import assert from 'node:assert/strict';
import type { UncommittedChange } from '../../../src/core/snapshot/snapshot.ts';
import { holdsSecret, isSecretFile } from '../../../src/core/publish/secrets.ts';
import {
  isGrave,
  PERSONAL_PLAN_BYTES,
  type WarningFacts,
  warningsOf,
} from '../../../src/core/publish/warnings.ts';
import { blob, type HandMade, lfs, memorySnapshot } from './memorySnapshot.ts';

const CARD = '---\nlicense: mit\n---\n# A model\n';

/** The facts of a publish of all files. */
const factsOf = (
  files: Readonly<Record<string, HandMade>>,
  more: Partial<WarningFacts> = {},
): WarningFacts => {
  const snapshot = memorySnapshot({ 'README.md': blob(CARD), ...files });
  return {
    snapshot,
    changed: snapshot.files,
    bytes: 1,
    card: CARD,
    secrets: [],
    noPickles: [],
    ahead: 0,
    ...more,
  };
};
const large = (bytes: number): HandMade => blob(Buffer.alloc(bytes));

describe('Warnings before a publish', () => {
  it('are none for a model as it should be', () => {
    const files = {
      'model.safetensors': lfs('weights'),
      'config.json': blob('{}'),
      'tokenizer.json': blob('{}'),
    };
    assert.deepEqual(warningsOf(factsOf(files)), []);
  });

  it('tell of what is not committed and not pushed, but not of what was merely touched', () => {
    const facts = factsOf({});
    const uncommitted: readonly UncommittedChange[] = [
      { path: 'config.json', kind: 'modified' },
      { path: 'model.safetensors', kind: 'touched' },
    ];
    assert.deepEqual(warningsOf({ ...facts, snapshot: { ...facts.snapshot, uncommitted }, ahead: 2 }), [
      { kind: 'uncommitted', paths: ['config.json'] },
      { kind: 'unpushed', commits: 2 },
    ]);
    assert.deepEqual(warningsOf({ ...facts, ahead: undefined }), []);
  });

  it('tell of a card that is missing or says nothing to machines, and of none that was not read', () => {
    const bare = memorySnapshot({ 'config.json': blob('{}') });
    assert.deepEqual(warningsOf(factsOf({}, { snapshot: bare, card: undefined })), [{ kind: 'noCard' }]);
    assert.deepEqual(warningsOf(factsOf({}, { card: '# A model\n' })), [
      { kind: 'noFrontMatter', paths: ['README.md'] },
    ]);
    assert.deepEqual(warningsOf(factsOf({}, { card: undefined })), []);
  });

  it('tell first of files that are secret by name or by content, once each, where they are new to the registry', () => {
    const facts = factsOf({ '.env': blob('A=b'), 'notes.txt': blob('x'), 'keys/id_rsa': blob('x') });
    const [first] = warningsOf({ ...facts, secrets: ['notes.txt', '.env'], ahead: 1 });
    assert.deepEqual(first, { kind: 'secret', paths: ['.env', 'keys/id_rsa', 'notes.txt'] });
    assert.deepEqual(warningsOf({ ...facts, changed: [], secrets: ['notes.txt'] }), []);
  });

  it('tell of pickles, but not where safe weights lie beside', () => {
    const files = {
      'model.pt': lfs('x'),
      'safe/pytorch_model.bin': lfs('x'),
      'safe/model.safetensors': lfs('y'),
      'other/weights.ckpt': lfs('z'),
    };
    assert.deepEqual(warningsOf(factsOf(files)), [
      { kind: 'pickle', paths: ['model.pt', 'other/weights.ckpt'] },
    ]);
  });

  it('tell of no pickle where the content is none', () => {
    const files = { 'group1-shard1of1.bin': lfs('x'), 'pytorch_model.bin': lfs('y') };
    assert.deepEqual(warningsOf(factsOf(files, { noPickles: ['group1-shard1of1.bin'] })), [
      { kind: 'pickle', paths: ['pytorch_model.bin'] },
    ]);
  });

  it('tell of weights and large files that are in Git itself', () => {
    const files = {
      'model.safetensors': large(100_000),
      'small.onnx': large(99_999),
      'data.parquet': large(10 * 1024 * 1024),
      'vocabulary.txt': large(1_000_000),
    };
    assert.deepEqual(warningsOf(factsOf(files)), [
      { kind: 'notInLfs', paths: ['data.parquet', 'model.safetensors'] },
    ]);
    const facts = factsOf(files);
    const origin = { kind: 'download', complete: '', renew: '' } as const;
    assert.deepEqual(warningsOf({ ...facts, snapshot: { ...facts.snapshot, origin } }), []);
  });

  it('tell of more than the smallest plan takes, without alarm', () => {
    const bytes = PERSONAL_PLAN_BYTES + 1;
    const warnings = warningsOf(factsOf({}, { bytes }));
    assert.deepEqual(warnings, [{ kind: 'overPlan', bytes }]);
    assert(!warnings.some(isGrave));
    assert.deepEqual(warningsOf(factsOf({}, { bytes: PERSONAL_PLAN_BYTES })), []);
  });
});

describe('What looks like a secret', () => {
  it('is a file that programs keep secrets in', () => {
    const names = ['.env', 'a/.env.production', 'id_ed25519', 'x/server.PEM', '.netrc', '.aws/credentials'];
    const others = ['.env.example', 'env.py', 'id_rsa.pub', 'keys.md', 'tokenizer.json', 'monkey', 'pem.txt'];
    assert.deepEqual(
      names.filter((name) => !isSecretFile(name)),
      [],
    );
    assert.deepEqual(others.filter(isSecretFile), []);
  });

  it('is a token or a private key, and no word that begins like one', () => {
    const held = [
      `token = "bkua_${'0123456789abcdef'.repeat(2)}"`,
      `HF_TOKEN=hf_${'AbCdEfGhIj'.repeat(4)}`,
      '-----BEGIN OPENSSH PRIVATE KEY-----',
      '-----BEGIN PRIVATE KEY-----',
      `x ghp_${'a1'.repeat(18)} y`,
      'AKIAIOSFODNN7EXAMPLE',
    ];
    const other = ['hf_hub_download(repo_id)', 'bkua_…', 'HF_TOKEN', '-----BEGIN CERTIFICATE-----', 'hf_xet'];
    assert.deepEqual(
      held.filter((text) => !holdsSecret(text)),
      [],
    );
    assert.deepEqual(other.filter(holdsSecret), []);
  });
});
