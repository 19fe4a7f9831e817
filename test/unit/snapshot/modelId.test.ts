import assert from 'node:assert/strict';
import fc from 'fast-check';
import { modelIdPart, parseModelId } from '../../../src/core/snapshot/modelId.ts';
import { anyText } from '../../setup/anyText.ts';

function problemOf(text: string): string {
  const parsed = parseModelId(text);
  assert(parsed.kind === 'invalid', `${text} was taken`);
  return parsed.problem;
}

describe('A model id', () => {
  it('is a namespace and a name', () => {
    assert.deepEqual(parseModelId(' acme/bert_base.v2-small '), {
      kind: 'modelId',
      id: 'acme/bert_base.v2-small',
      namespace: 'acme',
      name: 'bert_base.v2-small',
    });
  });

  for (const text of ['', 'bert', 'acme/', '/bert', 'a/b/c', 'acme//bert']) {
    it(`has one slash, unlike “${text}”`, () => assert.match(problemOf(text), /exactly one slash/));
  }
  for (const text of [
    'acme/bert base',
    'acmé/bert',
    'acme/bert\0',
    'acme/be\nrt',
    'acme\\x/bert',
    'acme/a:b',
  ]) {
    it(`holds only harmless characters, unlike ${JSON.stringify(text)}`, () =>
      assert.match(problemOf(text), /may hold only/));
  }
  for (const text of ['-acme/bert', 'acme-/bert', 'acme/.bert', 'acme/bert.', '../bert', 'acme/..', './x']) {
    it(`begins and ends with a letter, digit or underscore, unlike “${text}”`, () =>
      assert.match(problemOf(text), /may not begin or end/));
  }
  for (const text of ['ac--me/bert', 'acme/be..rt']) {
    it(`has no doubled signs, unlike “${text}”`, () => assert.match(problemOf(text), /may not hold/));
  }
  for (const text of ['acme/bert.git', 'acme/bert.GIT', 'acme.git/bert']) {
    it(`is no Git URL, unlike “${text}”`, () => assert.match(problemOf(text), /may not end with/));
  }

  it('is a name alone, or either, where a host has it so', () => {
    const bert = { kind: 'modelId', id: 'bert', namespace: undefined, name: 'bert' };
    assert.deepEqual([parseModelId('bert', 1), parseModelId(' bert ', 'any')], [bert, bert]);
    assert.equal(parseModelId('acme/bert', 'any').kind, 'modelId');
    for (const text of ['', 'acme/bert', '/bert', 'bert/'])
      assert.equal(parseModelId(text, 1).kind, 'invalid', text);
    for (const text of ['', 'a/b/c', '/bert', 'acme/', '-bert', 'be--rt'])
      assert.equal(parseModelId(text, 'any').kind, 'invalid', text);
  });

  it('has parts of at most 96 characters', () => {
    assert.equal(parseModelId(`acme/${'x'.repeat(96)}`).kind, 'modelId');
    assert.match(problemOf(`acme/${'x'.repeat(97)}`), /longer than 96/);
  });

  it('made from any text is valid, and a valid one stays what it is', () => {
    const text = fc.oneof(
      anyText({ maxLength: 200 }),
      fc.string({
        unit: fc.constantFrom('a', 'Z', '9', '.', '-', '_', ' ', 'é', '.git', '/'),
        maxLength: 150,
      }),
    );
    fc.assert(
      fc.property(text, text, (namespace, name) => {
        const [owner, own] = [modelIdPart(namespace), modelIdPart(name)];
        if (owner !== undefined && own !== undefined) {
          assert.equal(parseModelId(`${owner}/${own}`).kind, 'modelId', `${owner}/${own}`);
          assert.equal(modelIdPart(own), own);
        }
        const parsed = parseModelId(`${namespace}/${name}`);
        if (parsed.kind === 'modelId') {
          assert.equal(modelIdPart(parsed.name), parsed.name);
        }
      }),
    );
  });

  it('made from words keeps what it can of them', () => {
    assert.equal(modelIdPart('Modèle de langue (v2)'), 'Modele-de-langue-v2');
    assert.equal(modelIdPart('bert.git'), 'bert');
    assert.equal(modelIdPart('模型'), undefined);
    assert.equal(modelIdPart('..'), undefined);
  });
});
