import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { projectFolder } from '../../setup/project.ts';
import { ModelRepository } from '../../registry/store/modelRepository.ts';
import { ObjectStore } from '../../registry/store/objects.ts';
import { Cleanup, plainGit } from './rawHub.ts';

describe('local registry: objects that are not packed', () => {
  const cleanup = new Cleanup();
  afterEach(() => cleanup.run());

  /** All that is read of a repository, by nobody who has read of it before. */
  async function all(gitDirectory: string, folder: string): Promise<unknown> {
    const repository = new ModelRepository(gitDirectory, new ObjectStore(folder));
    const revision = await repository.revision('main');
    assert.equal(revision.kind, 'commit');
    const tree = await repository.tree(revision);
    const contents: Buffer[] = [];
    for (const entry of tree.entries)
      if (entry.kind === 'file') contents.push(await buffer(repository.readBlob(entry.oid)));
    return {
      tree: tree.entries,
      contents,
      attributes: await repository.attributes(tree),
      count: await repository.countCommits(revision.sha),
      log: await repository.log(revision.sha, 0, 1000),
      page: await repository.log(revision.sha, 2, 3),
    };
  }

  it('are read as Git reads them from a pack', async () => {
    const folder = await cleanup.folder();
    const git = path.join(folder, '.git');
    await plainGit(folder, 'init', '--quiet', '--initial-branch=main');
    await plainGit(folder, 'config', 'user.name', 'Grace Hopper');
    await plainGit(folder, 'config', 'user.email', 'grace@example.com');
    const files: Readonly<Record<string, string | Buffer>> = {
      '.gitattributes': '*.bin -text\n',
      'empty.txt': '',
      'a/b/ünï code.txt': 'deep\n',
      'a.txt': 'sorts before the folder of that name\n',
      'letters.txt': fc.sample(fc.string({ minLength: 700, maxLength: 900 }), 1)[0]!,
      'README.md': fs.readFileSync(path.join(projectFolder, 'README.md')).subarray(0, 725),
      'large.bin': Buffer.alloc(300_000, 'so large that it comes in chunks '),
    };
    const words = fc.sample(fc.string({ unit: 'grapheme' }), 4).map((text) => text.replaceAll('\0', ''));
    const messages = [
      'One line',
      ' \n\n  Two\n lines \t\n\n\n  a body\n\nof two parts\n\n',
      '',
      '\r\nx\r\n\r\ny',
      ...words,
    ];
    for (const [index, message] of messages.entries()) {
      for (const [name, content] of Object.entries(files)) {
        const file = path.join(folder, ...name.split('/'));
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, content);
      }
      fs.writeFileSync(path.join(folder, 'round.txt'), String(index));
      fs.writeFileSync(path.join(folder, '.git/message'), message);
      await plainGit(folder, 'add', '--all');
      const asWritten = ['--cleanup=verbatim', '--allow-empty-message', '--file=.git/message'];
      await plainGit(folder, 'commit', '--quiet', ...asWritten);
    }
    await plainGit(folder, 'update-index', '--chmod=+x', 'a.txt');
    await plainGit(folder, 'commit', '--quiet', '--message', 'A file that runs');

    const loose = await all(git, folder);
    await plainGit(folder, 'repack', '-a', '-d', '--quiet');
    assert.deepEqual(fs.readdirSync(path.join(git, 'objects')).sort(), ['info', 'pack']);
    assert.deepEqual(loose, await all(git, folder));
  });
});
