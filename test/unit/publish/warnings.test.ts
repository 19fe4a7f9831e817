import assert from 'node:assert/strict';
import type { HubTarget } from '../../../src/core/hosts/host.ts';
import type { RemoteFile } from '../../../src/core/hub/remoteFile.ts';
import type { UncommittedChange } from '../../../src/core/snapshot/snapshot.ts';
import type { FileLook } from '../../../src/core/publish/fileLooks.ts';
import { codeFormatOf } from '../../../src/core/weights/codeFormats.ts';
import { isGrave, replacedModel, type WarningFacts, warningsOf } from '../../../src/core/publish/warnings.ts';
import { warningSentence } from '../../../src/core/publish/warningTexts.ts';
import { blob, type HandMade, lfs, memorySnapshot, missing } from './memorySnapshot.ts';

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
    smallestPlan: undefined,
    described: true,
    looks: looksAt(snapshot.files),
    ahead: 0,
    ...more,
  };
};
/** Files as they look from outside. */
const looksAt = (
  files: readonly { readonly path: string }[],
  more: Partial<FileLook> = {},
): readonly FileLook[] =>
  files.map(({ path }) => ({ path, holdsSecret: false, code: codeFormatOf(path), seen: 'all', ...more }));
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

  it('ask whether it is the right model where nothing of it is kept', () => {
    const { files } = memorySnapshot({ '.gitattributes': blob(''), 'a.txt': blob('a'), 'b.txt': blob('b') });
    const keeps = (paths: readonly string[], held: readonly string[]) =>
      replacedModel({
        unchanged: files.filter(({ path }) => paths.includes(path)),
        remote: new Map(held.map((path) => [path, { path } as RemoteFile])),
        target: { hub: {} as HubTarget, model: 'acme/bert' },
      });
    const held = ['.gitattributes', 'a.txt', 'b.txt'];
    assert.equal(keeps(['a.txt'], held), undefined);
    assert.equal(keeps(['.gitattributes'], held), 'acme/bert');
    assert.equal(keeps([], []), undefined, 'a new model');
    assert.equal(keeps([], ['.gitattributes', 'a.txt']), undefined, 'the only file changes');
    const [warning] = warningsOf(factsOf({}, { replaced: 'acme/bert' }));
    assert(warning !== undefined && isGrave(warning));
    assert.equal(warningSentence(warning), 'No file of acme/bert stays as it is. Is this the right model?');
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
    assert.deepEqual(warningsOf(factsOf({}, { snapshot: bare, described: undefined })), [{ kind: 'noCard' }]);
    assert.deepEqual(warningsOf(factsOf({}, { described: false })), [
      { kind: 'noFrontMatter', paths: ['README.md'] },
    ]);
    assert.deepEqual(warningsOf(factsOf({}, { described: undefined })), []);
  });

  it('tell first of files that are secret by name or by content, once each, where they are new to the registry', () => {
    const facts = factsOf({ '.env': blob('A=b'), 'notes.txt': blob('x'), 'keys/id_rsa': blob('x') });
    const looks = facts.looks.map((look) => ({
      ...look,
      holdsSecret: ['notes.txt', '.env'].includes(look.path),
    }));
    const [first] = warningsOf({ ...facts, looks, ahead: 1 });
    assert.deepEqual(first, { kind: 'secret', paths: ['.env', 'keys/id_rsa', 'notes.txt'] });
    assert.deepEqual(warningsOf({ ...facts, changed: [], looks: [] }), []);
  });

  it('tell of what was not looked at whole, but not of weights', () => {
    const facts = factsOf({
      'long.csv': blob('x'),
      'away.safetensors': missing('x'),
      'away.pt': missing('x'),
    });
    const looks = looksAt(facts.snapshot.files.slice(1), { seen: 'part' });
    assert.deepEqual(warningsOf({ ...facts, looks: looks.filter(({ path }) => !path.endsWith('.pt')) }), [
      { kind: 'unseen', paths: ['long.csv'] },
    ]);
  });

  it('tell of pickles, whatever lies beside', () => {
    const files = {
      'model.pt': lfs('x'),
      'safe/pytorch_model.bin': lfs('x'),
      'safe/model.safetensors': lfs('y'),
      'other/weights.ckpt': lfs('z'),
    };
    assert.deepEqual(warningsOf(factsOf(files)), [
      { kind: 'pickle', paths: ['model.pt', 'other/weights.ckpt', 'safe/pytorch_model.bin'], safe: false },
    ]);
    const safe = { 'safe/pytorch_model.bin': lfs('x'), 'safe/model.safetensors': lfs('y') };
    assert.deepEqual(warningsOf(factsOf(safe)), [
      { kind: 'pickle', paths: ['safe/pytorch_model.bin'], safe: true },
    ]);
  });

  it('tell of every other way to run code, each by what it means', () => {
    const files = { 'model.keras': lfs('x'), 'modeling.py': blob('x'), 'libops.so': lfs('x') };
    const warnings = warningsOf(factsOf(files));
    assert.deepEqual(warnings, [
      { kind: 'code', paths: ['model.keras'] },
      { kind: 'program', paths: ['libops.so'] },
      { kind: 'python', paths: ['modeling.py'] },
    ]);
    assert.deepEqual(warnings.map(isGrave), [true, true, false]);
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
    const origin = { kind: 'download', complete: undefined, renew: undefined } as const;
    assert.deepEqual(warningsOf({ ...facts, snapshot: { ...facts.snapshot, origin } }), []);
  });

  it('tell of more than the smallest plan takes, without alarm', () => {
    const smallestPlan = { bytes: 1000, name: 'the free plan' };
    const warnings = warningsOf(factsOf({}, { bytes: 1001, smallestPlan }));
    assert.deepEqual(warnings, [{ kind: 'overPlan', bytes: 1001, plan: 'the free plan' }]);
    assert(!warnings.some(isGrave));
    assert.deepEqual(warningsOf(factsOf({}, { bytes: 1000, smallestPlan })), []);
    assert.deepEqual(warningsOf(factsOf({}, { bytes: 1001, smallestPlan: undefined })), []);
  });
});

describe('The sentence of a warning', () => {
  it('names a few paths in one line each, and obeys nothing in them', () => {
    const paths = ['a\u001b[2Jb\u202e.pkl', ...Array.from({ length: 6 }, (_, at) => `${at}.pkl`)];
    const sentence = warningSentence({ kind: 'pickle', paths, safe: false });
    assert.equal(
      sentence,
      'Loading these files can run code: a [2Jb .pkl, 0.pkl, 1.pkl, 2.pkl, 3.pkl and 2 more. Safetensors cannot.',
    );
  });

  it('says of safe formats beside only that they are there', () => {
    assert.match(warningSentence({ kind: 'pickle', paths: ['a.pt'], safe: true }), /a\.pt.*beside/);
  });
});
