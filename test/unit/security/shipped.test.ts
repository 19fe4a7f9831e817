import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { projectFolder } from '../../setup/project.ts';

/** What a clone has that packaging needs. */
const SOURCES = [
  ...['src', 'scripts', 'l10n', 'media', 'esbuild.mjs', 'tsconfig.json', '.vscodeignore', 'LICENSE'],
  ...['package.json', 'package-lock.json', 'package.nls.json', 'README.md', 'CHANGELOG.md', 'SECURITY.md'],
];

describe('what is shipped', () => {
  let root: string;
  /** Two clones, packaged at different times by different people, and the environment's date in common. */
  let clones: readonly [string, string];
  /** What vsce says on the way. */
  let said: readonly string[];

  before(async function () {
    this.timeout(180_000);
    root = await mkdtemp(join(tmpdir(), 'shipped-'));
    // Equally deep, because their packages, which lie elsewhere, are named by the way there.
    clones = [join(root, 'one'), join(root, 'another')];
    said = await Promise.all([
      makePackage(clones[0], { umask: '022', TZ: 'Asia/Tokyo' }),
      makePackage(clones[1], { umask: '077', TZ: 'America/Lima' }),
    ]);
  });
  after(() => rm(root, { recursive: true, force: true, maxRetries: 5 }));

  const shipped = (file: string) => readFile(join(clones[0], 'dist', file), 'utf8');

  it('has the same bytes wherever, whenever and by whomever it was packaged', async () => {
    const [one = [], two] = await Promise.all(clones.map((clone) => digests(join(clone, 'dist'))));
    assert.deepEqual(one, two);
    assert(
      one.some((line) => line.startsWith('model-registries.vsix ')),
      'there is an extension',
    );
    assert(
      one.some((line) => line.startsWith('model-registries.cdx.json ')),
      'there is a bill of materials',
    );
  });

  it('names and quotes every package that is in the bundles, as another build’s source maps tell them', async () => {
    const notices = await shipped('THIRD-PARTY-NOTICES.txt');
    const materials = JSON.parse(await shipped('model-registries.cdx.json')) as {
      readonly serialNumber?: string;
      readonly metadata: { readonly timestamp: string };
      readonly components: readonly { readonly purl: string; readonly licenses: readonly unknown[] }[];
    };
    await execa(process.execPath, ['esbuild.mjs'], { cwd: clones[1] });
    const folders = await bundledPackages(join(clones[1], 'dist'));
    assert(folders.length > 40, String(folders));
    const purls = new Set(materials.components.map(({ purl }) => purl));
    for (const folder of [...folders, '@vscode/codicons']) {
      const { name, version, licence } = await packageAt(folder);
      const block =
        notices.split(/\n-{80}\n/).find((each) => each.startsWith(`\n${name} ${version}\n`)) ?? '';
      assert(block.includes(`Licence: ${licence}\n`), `${name} ${version} has its notice`);
      assert(
        /copyright|Creative Commons/i.test(block) && block.length > 500,
        `${name} has its licence's words`,
      );
      assert(
        purls.has(`pkg:npm/${name.replace('@', '%40')}@${version}`),
        `${name} is in the bill of materials`,
      );
    }
    assert(notices.includes('regenerator-runtime -- Copyright'), 'what a package took from another is there');
    assert.equal(materials.components.length, folders.length + 1, 'and nothing else is claimed');
    assert(materials.components.every(({ licenses }) => licenses.length > 0));
    assert.equal(materials.serialNumber, undefined);
    assert.equal(materials.metadata.timestamp, new Date(1_790_000_000_000).toISOString());
  });

  it('is packaged by vsce without a warning', () => {
    for (const output of said) {
      assert.match(output, /Packaged: /);
      assert.doesNotMatch(output, /WARNING/);
    }
  });

  it('goes to people with the notices', async () => {
    const vsix = await readFile(join(clones[0], 'dist', 'model-registries.vsix'));
    for (const file of ['THIRD-PARTY-NOTICES.txt', 'extension.js']) {
      assert(vsix.includes(`extension/dist/${file}`), file);
    }
  });

  for (const [licence, reason] of [
    ['GPL-3.0-only', /licence of strange 1\.0\.0 is "GPL-3\.0-only", which nobody has looked at/],
    ['(MIT AND GPL-3.0-only)', /nobody has looked at/],
    [undefined, /nobody has looked at/],
    ['ISC', /strange has no licence file/],
  ] as const) {
    it(`has nothing of a package whose licence is ${licence ?? 'not told'} and comes without its words`, async () => {
      const folder = await mkdtemp(join(root, 'strange-'));
      await mkdir(join(folder, 'node_modules', 'strange'), { recursive: true });
      await writeFile(
        join(folder, 'node_modules', 'strange', 'package.json'),
        JSON.stringify({ name: 'strange', version: '1.0.0', license: licence }),
      );
      const script = `import { shippedPackages } from './scripts/shipped.mjs';
        await shippedPackages({ extension: ['node_modules/strange/index.js'] }, ${JSON.stringify(folder)});`;
      const { exitCode, stderr } = await execa(process.execPath, ['--input-type=module', '-e', script], {
        cwd: projectFolder,
        reject: false,
      });
      assert.equal(exitCode, 1);
      assert.match(stderr, reason);
    });
  }
});

/** Packages a clone for the same date as any other, as a person with these habits; what is said meanwhile. */
async function makePackage(clone: string, { umask, TZ }: { umask: string; TZ: string }): Promise<string> {
  await copyProject(clone);
  const node = [process.execPath, join('scripts', 'package.mjs')];
  const [program = '', ...args] =
    process.platform === 'win32' ? node : ['sh', '-c', `umask ${umask} && exec "$@"`, 'sh', ...node];
  const { all } = await execa(program, args, {
    ...{ cwd: clone, stdin: 'ignore', all: true },
    env: { SOURCE_DATE_EPOCH: '1790000000', TZ },
  });
  return all;
}

/** The files of a clone, with this one's packages. */
async function copyProject(clone: string): Promise<void> {
  await mkdir(clone, { recursive: true });
  for (const file of SOURCES) {
    await cp(join(projectFolder, file), join(clone, file), {
      recursive: true,
      filter: (path) => !path.includes('screenshots'),
    });
  }
  await symlink(join(projectFolder, 'node_modules'), join(clone, 'node_modules'), 'junction');
}

/** Path and hash of every file in a folder. */
async function digests(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const lines = files.sort().map(async (file) => {
    const hash = createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
    return `${file.slice(folder.length + 1)} ${hash}`;
  });
  return Promise.all(lines);
}

/** Folders below `node_modules` of the packages whose code is in the bundles of a build. */
async function bundledPackages(dist: string): Promise<readonly string[]> {
  const maps = (await readdir(dist, { recursive: true })).filter((file) => file.endsWith('.map'));
  const folders = new Set<string>();
  for (const map of maps) {
    const { sources } = JSON.parse(await readFile(join(dist, map), 'utf8')) as { readonly sources: string[] };
    for (const source of sources) {
      const [, folder] =
        /\/node_modules\/(.*node_modules\/(?:@[^/]+\/)?[^/]+|(?:@[^/]+\/)?[^/]+)\//.exec(source) ?? [];
      // What was bundled by pnpm's users is named by where they had it.
      const plain = folder?.replace(/^\.pnpm\/[^/]+\/node_modules\//, '');
      // Built from the rules of its own repository, under the same licence.
      const isRule = plain?.startsWith('@secretlint/secretlint-rule-') && !plain.includes('-preset-');
      if (plain !== undefined && isRule !== true) folders.add(plain);
    }
  }
  return [...folders];
}

async function packageAt(folder: string): Promise<{ name: string; version: string; licence: string }> {
  const text = await readFile(join(projectFolder, 'node_modules', folder, 'package.json'), 'utf8');
  const { name, version, license } = JSON.parse(text) as Record<'name' | 'version' | 'license', string>;
  return { name, version, licence: license };
}
