import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { CommitName } from '../../../src/core/objectIds.ts';
import { weightsAddressOf, weightsUriParts } from '../../../src/editor/versionFiles/weightsAddress.ts';

describe('the address of what changed in weights', () => {
  it('comes back from the URI, whatever the names', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 });
    const version = fc.record({
      ...{ account: text, organization: text, registry: text, model: text },
      commit: fc.constantFrom('v1.0', '0'.repeat(40)).map((name) => name as CommitName),
    });
    const address = fc.oneof(
      fc.record({ kind: fc.constant('versions'), before: version, after: version }),
      fc.record({ kind: fc.constant('once'), id: text }),
    );
    fc.assert(
      fc.property(address, text, (one, title) => {
        const parts = weightsUriParts(one, title);
        assert.deepEqual(weightsAddressOf(parts), JSON.parse(JSON.stringify(one)));
        assert.match(parts.path, /^\/[^/\n\u202e]*\.diff$/u);
      }),
    );
  });

  it('is that of nothing else', () => {
    for (const query of [
      '',
      '{}',
      '{"kind":"once"}',
      '{"kind":"once","id":"1","more":1}',
      '{"kind":"versions"}',
    ]) {
      assert.equal(weightsAddressOf({ query }), undefined);
    }
  });
});
