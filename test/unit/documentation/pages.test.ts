import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import MarkdownIt from 'markdown-it';
import { projectFolder } from '../../setup/project.ts';

const MEGABYTE = 1_000_000;

const read = (page: string) => readFile(join(projectFolder, page), 'utf8');

const tokensOf = (text: string) =>
  new MarkdownIt({ html: true }).parse(text, {}).flatMap((token) => [token, ...(token.children ?? [])]);

const attributesOf = (text: string, tag: string, attribute: string) =>
  tokensOf(text).flatMap((token) => (token.tag === tag ? String(token.attrGet(attribute) ?? '') : []));

/** The names by which the headings of a page are linked to. */
function anchorsOf(text: string): readonly string[] {
  const tokens = tokensOf(text);
  return tokens
    .filter((_, index) => tokens[index - 1]?.type === 'heading_open')
    .map(({ content }) =>
      content
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    );
}

describe('the pages of the repository', () => {
  let pages: readonly string[];

  before(async () => {
    const docs = (await readdir(join(projectFolder, 'docs'))).map((name) => `docs/${name}`);
    pages = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', ...docs];
  });

  it('link to files, headings and pictures that are there', async () => {
    for (const page of pages) {
      const text = await read(page);
      const links = [...attributesOf(text, 'a', 'href'), ...attributesOf(text, 'img', 'src')];
      for (const link of links.filter((each) => !/^\w+:/.test(each))) {
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? page : join(dirname(page), path);
        assert(existsSync(join(projectFolder, target)), `${page} links to ${link}`);
        if (anchor !== undefined)
          assert(anchorsOf(await read(target)).includes(anchor), `${page} links to ${link}`);
      }
    }
  });
});

describe('the README', () => {
  let text: string;

  before(async () => {
    text = await read('README.md');
  });

  it('is read in a few minutes', () => {
    const words = text.split(/\s+/).length;
    assert(words < 900, `${words} words`);
  });

  it('says before anything is shown that the live service was not tested', () => {
    const [top = ''] = text.split('![');
    assert.match(top, /Not tested against the live service/);
  });

  it('begins with a moving picture of less than 3 MB', async () => {
    const [first = ''] = attributesOf(text, 'img', 'src');
    const path = join(projectFolder, first);
    assert((await stat(path)).size < 3 * MEGABYTE);
    // Comes before the picture itself: https://www.w3.org/TR/png-3/#acTL-chunk
    const head = (await readFile(path)).subarray(0, 1000).toString('latin1');
    assert(head.includes('acTL'), `${first} moves`);
  });

  it('has no picture whose address vsce leaves as it is, or refuses', () => {
    assert.doesNotMatch(text, /srcset|<source/);
    for (const picture of attributesOf(text, 'img', 'src')) assert.match(picture, /^media\/[\w/-]+\.png$/);
  });
});
