import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { pathProblems } from '../../../src/core/download/localPaths.ts';
import { downloadNotices } from '../../../src/core/download/notices.ts';
import { isObeyed } from '../../../src/core/download/obeyedNames.ts';
import { Failure } from '../../../src/core/failure.ts';
import { isRefusedPath } from '../../../src/core/snapshot/refusedPath.ts';
import { listed, oddHub, startDownloads } from '../download/downloads.ts';

/** A name as some file system takes it for `name`. */
const spelling = (name: string): fc.Arbitrary<string> => {
  const unseen = fc.constantFrom('', '', '', '\u200c', '\u200d', '\ufeff', '\u206a', '\u00ad', '\ufe0f');
  const letter = (each: string) =>
    fc.tuple(unseen, fc.constantFrom(each, each.toUpperCase())).map((parts) => parts.join(''));
  const end = fc.constantFrom('', '.', ' ', '. .', ':x', '::$INDEX_ALLOCATION', '\u200f');
  return fc.tuple(...Array.from(name, letter), end).map((parts) => parts.join(''));
};

describe('a download', () => {
  it('reaches neither .git nor the notes of a client, in no spelling of any file system', () => {
    const kept = fc.oneof(spelling('.git'), spelling('.cache'), spelling('cache~1'), spelling('git~2'));
    const short = fc.constantFrom('CAD3F1~1', 'gi12ab~4', 'CACHE~3', '.G\u0131T');
    fc.assert(
      fc.property(fc.oneof(kept, short), fc.constantFrom('', 'a/', 'a\\'), (name, before) => {
        const path = `${before}${name}/huggingface/download/x.metadata`;
        assert.ok(isRefusedPath(path), JSON.stringify(path));
        for (const platform of ['linux', 'darwin', 'win32'] as const) {
          const [problem] = pathProblems([path], { platform, ignoresCase: platform !== 'linux' });
          assert.equal(problem?.kind, 'refused');
        }
      }),
      { numRuns: 2000 },
    );
    for (const fine of ['cache/x', '.cached', 'git', '.github/x', 'a~b', 'model~1.bin', 'cafe~1']) {
      assert.ok(!isRefusedPath(fine), fine);
    }
  });

  it('is refused before anything lands where it names notes of a client in another spelling', async () => {
    const downloads = await startDownloads();
    const content = Buffer.from('x');
    const server = await oddHub(
      [listed('.Cache/huggingface/download/config.json.metadata', content, false)],
      (_request, response) => response.end(content),
    );
    try {
      await assert.rejects(
        downloads.plan(downloads.versionAt(server), { kind: 'folder', path: join(downloads.folder, 'm') }),
        (error) => error instanceof Failure && error.message.includes('Do not trust this version'),
      );
      assert.deepEqual(readdirSync(downloads.folder), []);
    } finally {
      await server.close();
      await downloads.stop();
    }
  });

  it('tells two files that differ in what HFS+ does not see to be one there', () => {
    const problems = pathProblems(['a\u200cb', 'ab'], { platform: 'darwin', ignoresCase: true });
    assert.deepEqual(
      problems.map(({ kind }) => kind),
      ['collision'],
    );
  });

  for (const path of [
    '.vscode/tasks.json',
    'deep/.devcontainer/devcontainer.json',
    '.envrc',
    '.idea/workspace.xml',
    '.cursor/rules/x.mdc',
    '.cursorrules',
    '.claude/settings.json',
    'CLAUDE.md',
    'deep/Agents.MD',
    '.mcp.json',
    '.github/copilot-instructions.md',
    'Makefile',
    '.npmrc',
    '.pre-commit-config.yaml',
    '.editorconfig',
    'x.code-workspace',
    '.bashrc',
    'sitecustomize.py',
    'conftest.py',
    '.tool-versions',
    'mise.toml',
    '.python-version',
    'pyvenv.cfg',
    'Desktop.ini',
    'AUTORUN.INF',
    '.lfsconfig',
    '\u200c.vscode/settings.json',
    'CLAUDE\u200d.md',
    'makefile.',
  ]) {
    it(`is told to hold ${JSON.stringify(path)}, which tools obey`, () => assert.ok(isObeyed(path)));
  }

  for (const path of [
    '.gitattributes',
    '.gitignore',
    'README.md',
    'config.json',
    'model.safetensors',
    'onnx/model.onnx',
    'tokenizer.model',
    'a.b/c.d.txt',
  ]) {
    it(`has nothing to tell of ${path}`, () => assert.ok(!isObeyed(path)));
  }

  it('tells what tools obey and what runs code, of what is to come only', async () => {
    const downloads = await startDownloads();
    try {
      const source = await downloads.version({
        'README.md': '# A model',
        'model.safetensors': 'x',
        'pytorch_model.bin': 'y',
        'modeling.py': 'z',
        '.vscode/tasks.json': '{}',
      });
      const folder = { kind: 'folder', path: join(downloads.folder, 'm') } as const;
      const code = { kind: 'runsCode', paths: ['modeling.py', 'pytorch_model.bin'] };
      assert.deepEqual(downloadNotices(await downloads.plan(source, folder)), [
        { kind: 'obeyed', paths: ['.vscode/tasks.json'] },
        code,
      ]);
      const cache = { kind: 'cache', folder: join(downloads.folder, 'hub'), links: true } as const;
      assert.deepEqual(downloadNotices(await downloads.plan(source, cache)), [code]);
      assert.deepEqual(downloadNotices(await downloads.plan(source, folder, ['README.md'])), []);
      await downloads.downloaded(source, folder);
      assert.deepEqual(downloadNotices(await downloads.plan(source, folder)), []);
    } finally {
      await downloads.stop();
    }
  });
});
