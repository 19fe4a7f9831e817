import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  linkTo,
  withBrokenIcons,
  withoutIcons,
  withoutLinks,
  withoutLinksAndIcons,
} from '../../../src/editor/plainText.ts';

/**
 * What VS Code makes links of in notifications, their progress and input boxes (its src/vs/base/common/linkedText.ts).
 */
const LINK = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/gi;
/**
 * What it draws icons for in the status bar, quick picks and what stands below an input box
 * (src/vs/base/browser/ui/iconLabel/iconLabels.ts; src/vs/platform/quickinput/browser/quickInputUtils.ts).
 */
const ICON = /(\\)?\$\((?:[A-Za-z0-9-]+(?:~[A-Za-z]+)?)\)/g;

const pieces = fc.constantFrom(
  ...Array.from('[]()$\\ "\'~-ab\u200b\u001b'),
  ...['](', '](command:', 'https://x.example', 'command:workbench.action.quit', '$(trash)', '[Details]'],
);
const text = fc.array(pieces, { maxLength: 20 }).map((parts) => parts.join(''));

describe('Names of strangers in VS Code’s own texts', () => {
  it('become no links in a notification, its progress or an input box', () => {
    const name = 'acme/[Details](command:workbench.action.quit)';
    assert.match(name, LINK);
    for (const shown of [withoutLinks, withoutLinksAndIcons]) {
      assert.doesNotMatch(shown(name), LINK);
      fc.assert(
        fc.property(text, (value) => assert.doesNotMatch(shown(value), LINK)),
        { numRuns: 1000 },
      );
    }
  });

  it('leave a link of ours the only one, which leads where it should', () => {
    const url = new URL('https://buildkite.com/a(b)c/[d](command:x)');
    fc.assert(
      fc.property(text, (value) => {
        const links = [...`${withoutLinks(value)} · ${linkTo('Open', url)}`.matchAll(LINK)];
        assert.equal(links.length, 1);
        assert.equal(
          decodeURI(links[0]?.[2] ?? ''),
          decodeURI(url.href).replace(/[()]/g, encodeURIComponent),
        );
      }),
    );
  });

  it('become no icons in the status bar, in rows and headings to choose from and below an input box', () => {
    const drawn = (value: string) => [...value.matchAll(ICON)].filter(([, escape]) => escape === undefined);
    assert.equal(drawn('$(trash)').length, 1);
    fc.assert(
      fc.property(text, (value) => {
        assert.deepEqual(drawn(withoutIcons(value)), []);
        assert.deepEqual(drawn(withBrokenIcons(value)), []);
        assert.deepEqual(drawn(withoutLinksAndIcons(value)), []);
      }),
    );
  });

  it('are seen whole there', () => {
    for (const shown of [withoutLinks, withoutLinksAndIcons, withoutIcons, withBrokenIcons]) {
      assert.equal(shown('a\u202e\u001bb'), 'a<U+202E>␛b');
    }
  });
});
