import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { Failure } from '../../../../src/core/failure.ts';
import { hubDescriptors } from '../../../../src/core/hosts/hub/descriptors.ts';
import { hubServices } from '../../../../src/core/hosts/hub/service.ts';
import { projectFolder } from '../../../setup/project.ts';
import { failing } from '../buildkite/hosts.ts';
import { surroundingsOf } from './hubs.ts';

interface Manifest {
  readonly contributes: {
    readonly configuration: readonly {
      readonly properties: Record<string, { readonly default?: unknown }>;
    }[];
  };
}

describe('the setting that names Hubs', () => {
  it('names the Hugging Face Hub where it is not set, and nothing where it is empty', () => {
    const [only, ...others] = hubServices(surroundingsOf(undefined));
    assert.deepEqual(others, []);
    assert.equal(only?.id, 'hub:https://huggingface.co');
    assert.equal(only.name, 'Hugging Face');
    assert.equal(only.anonymous, true);
    assert.deepEqual(
      only.endpoints.map(({ href }) => href),
      ['https://huggingface.co/'],
    );
    assert.deepEqual(hubServices(surroundingsOf([])), []);
  });

  it('is not checked where it is as the manifest has it, for every window waits for that', async () => {
    const text = await readFile(join(projectFolder, 'package.json'), 'utf8');
    const unchanged = (JSON.parse(text) as Manifest).contributes.configuration
      .map(({ properties }) => properties['modelRegistries.hubs']?.default)
      .find((value) => value !== undefined);
    const written = hubDescriptors(surroundingsOf(undefined));
    assert.equal(hubDescriptors(surroundingsOf(unchanged)), written, 'the very list');
    const { address, name } = (unchanged as readonly { address: string; name: string }[])[0]!;
    const checked = hubDescriptors(surroundingsOf([{ name, address }]));
    assert.notEqual(checked, written);
    assert.deepEqual(checked, written, 'which is what the check makes of it');
  });

  it('names each with an address and a name; the rest has defaults', () => {
    const [plain, odd] = hubDescriptors(
      surroundingsOf([
        { address: 'https://models.example.com/', name: 'Models' },
        {
          address: 'http://localhost:8080/artifactory/api/huggingfaceml/main/',
          name: 'Artifactory',
          modelIdSegments: 1,
          createFirst: false,
          newModels: 'public',
          revision: 'stable',
          revisions: 'release',
          namespaces: ['acme'],
          lateEtag: false,
        },
      ]),
    );
    assert.deepEqual(plain, {
      address: new URL('https://models.example.com/'),
      name: 'Models',
      modelIdSegments: 2,
      createFirst: true,
      newModels: undefined,
      revision: 'main',
      revisions: 'branch',
      namespaces: [],
    });
    assert.deepEqual(odd, {
      address: new URL('http://localhost:8080/artifactory/api/huggingfaceml/main'),
      name: 'Artifactory',
      modelIdSegments: 1,
      createFirst: false,
      newModels: 'public',
      revision: 'stable',
      revisions: 'release',
      namespaces: ['acme'],
      lateEtag: false,
    });
  });

  it('makes new models of the Hugging Face Hub private, which makes them public by itself, unless it says otherwise', () => {
    const hub = { address: 'https://huggingface.co', name: 'Hub' };
    const newModelsOf = (setting: unknown) => hubDescriptors(surroundingsOf(setting))[0]?.newModels;
    assert.equal(newModelsOf(undefined), 'private');
    assert.equal(newModelsOf([hub]), 'private');
    assert.equal(newModelsOf([{ ...hub, newModels: 'public' }]), 'public');
  });

  it('gives services ids that tell addresses apart, also from that of a neighbour at the same origin', () => {
    const addresses = ['https://one.example', 'https://one.example/a', 'https://one.example/b'];
    const services = hubServices(surroundingsOf(addresses.map((address) => ({ address, name: 'x' }))));
    assert.deepEqual(
      services.map(({ id }) => id),
      addresses.map((address) => `hub:${address}`),
    );
  });

  const good = { address: 'https://one.example', name: 'One' };
  const wrong: readonly (readonly [string, unknown, RegExp])[] = [
    ['is no list', 'https://one.example', /array/],
    ['holds no object', ['https://one.example'], /0/],
    ['has no address', [{ name: 'One' }], /0\.address/],
    ['has no name', [{ address: good.address }], /0\.name/],
    ['has an empty name', [{ ...good, name: ' ' }], /0\.name/],
    ['has an address without encryption', [{ ...good, address: 'http://one.example' }], /https/],
    ['has an address with a token in it', [{ ...good, address: 'https://hf_secret@one.example' }], /https/],
    ['has ids of three names', [good, { ...good, modelIdSegments: 3 }], /1\.modelIdSegments/],
    ['has a revision that is a step', [{ ...good, revision: '..' }], /0\.revision/],
    ['has revisions of another kind', [{ ...good, revisions: 'ask' }], /0\.revisions/],
    ['makes new models of another kind', [{ ...good, newModels: 'gated' }], /0\.newModels/],
    ['pins what is no namespace', [{ ...good, namespaces: ['a/b'] }], /0\.namespaces\.0/],
    ['has a word that is not known', [{ ...good, token: 'x' }], /token/],
    ['names an address twice', [good, { ...good, address: 'https://ONE.example/' }], /1\.address.*twice/],
  ];
  for (const [what, value, words] of wrong) {
    it(`is refused where it ${what}`, () => {
      assert.throws(
        () => hubServices(surroundingsOf(value)),
        (error) => {
          assert.ok(failing('refused', words)(error));
          assert.ok(error instanceof Failure);
          assert.match(error.message, /modelRegistries\.hubs/);
          assert.doesNotMatch(error.message, /hf_secret/);
          return true;
        },
      );
    });
  }

  it('throws nothing but a failure, whatever it holds', () => {
    const words = fc.oneof(
      fc.constantFrom('https://a.example', 'http://b', '', '.', 'main', 'release'),
      fc.string(),
    );
    const entry = fc.record(
      {
        address: fc.oneof(words, fc.webUrl()),
        name: words,
        modelIdSegments: fc.oneof(fc.integer(), fc.constantFrom(1, 2)),
        createFirst: fc.oneof(fc.boolean(), fc.string()),
        revision: words,
        revisions: words,
        namespaces: fc.array(words),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.array(fc.oneof(entry, fc.anything()))), (value) => {
        try {
          for (const { id } of hubServices(surroundingsOf(value))) assert.match(id, /^hub:https?:/);
        } catch (error) {
          assert.ok(error instanceof Failure, String(error));
        }
      }),
    );
  });
});
