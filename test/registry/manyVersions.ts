import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { initBare, streamedGit } from './store/git.ts';
import type { ModelStore } from './store/modelStore.ts';
import type { Registry, State } from './state.ts';
import { uuidv7 } from './uuid.ts';

/** Between a version and the next, in milliseconds. */
const APART_MS = 5 * 60_000;
const NAMESPACES = ['acme', 'research', 'vision', 'speech', 'baselines'];
const README = Buffer.from('# A model\n\nOne of many.\n');
const CONFIGURATIONS = ['{ "checkpoint": "even" }\n', '{ "checkpoint": "odd" }\n'].map((text) =>
  Buffer.from(text),
);

/**
 * Fills a registry with `versions` versions of `models` models in seconds: one run of Git makes all commits, in a repository whose
 * objects the models borrow. The versions of different models alternate, as where many people publish. Every one can be read and
 * published on like any other.
 *
 * @returns the models' names, the one with the newest version first.
 */
export async function addManyVersions(
  state: State,
  store: ModelStore,
  registry: Registry,
  { models: modelCount, versions }: { readonly models: number; readonly versions: number },
): Promise<readonly string[]> {
  const names = Array.from(
    { length: Math.min(modelCount, versions) },
    (_, index) => `${NAMESPACES[index % NAMESPACES.length]!}/model-${String(index).padStart(3, '0')}`,
  );
  const start = Date.now() - versions * APART_MS;
  const commits = Array.from({ length: versions }, (_, index) => ({
    model: index % names.length,
    date: new Date(start + index * APART_MS),
  }));
  const shared = path.join(path.dirname(store.objects(registry.id).lfsFolder), `shared-${uuidv7()}.git`);
  await fs.promises.mkdir(path.dirname(shared), { recursive: true });
  await initBare(shared);
  const shas = await importCommits(shared, commits);

  const heads = new Map<number, string>();
  commits.forEach(({ model }, index) => heads.set(model, shas[index]!));
  for (const [index, name] of names.entries()) {
    const { gitDirectory } = store.model(registry.id, name);
    await borrowingRepository(gitDirectory, shared, store.objects(registry.id).lfsFolder, heads.get(index)!);
  }
  state.addPackages(
    commits.map(({ model, date }, index) => ({
      id: uuidv7(),
      createdAt: date.toISOString(),
      registryId: registry.id,
      name: names[model]!,
      version: shas[index]!,
      size: README.length + CONFIGURATIONS[0]!.length,
      digests: { sha256: hash('sha256', shas[index]!), sha512: hash('sha512', shas[index]!) },
      metadata: {},
    })),
  );
  await state.saved();
  const newest = commits.slice(-names.length).map(({ model }) => names[model]!);
  return newest.toReversed();
}

/** A branch for each model. The SHAs, in the order of the commits. */
async function importCommits(
  gitDirectory: string,
  commits: readonly { readonly model: number; readonly date: Date }[],
): Promise<readonly string[]> {
  const marks = path.join(gitDirectory, 'marks');
  const importing = streamedGit(gitDirectory, [
    'fast-import',
    '--quiet',
    '--done',
    '--active-branches=1000',
    `--export-marks=${marks}`,
  ]);
  importing.stdout.resume();
  const write = (text: string) =>
    new Promise<void>((resolve) => importing.stdin.write(text, () => resolve()));
  // Marks of commits count from 1, those of contents come after them.
  const contents = [README, ...CONFIGURATIONS].map((content, index) => ({
    content,
    mark: commits.length + 1 + index,
  }));
  const text: string[] = contents.map(
    ({ content, mark }) =>
      `blob\nmark :${String(mark)}\ndata ${String(content.length)}\n${content.toString()}\n`,
  );
  const checkpoints = new Map<number, number>();
  for (const [index, { model, date }] of commits.entries()) {
    const checkpoint = (checkpoints.get(model) ?? 0) + 1;
    checkpoints.set(model, checkpoint);
    const signature = `Grace Hopper <grace@example.com> ${String(Math.floor(date.getTime() / 1000))} +0000`;
    const message = `Checkpoint ${String(checkpoint)} of model ${String(model)}\n`;
    text.push(
      `commit refs/heads/model-${String(model)}\nmark :${String(index + 1)}\nauthor ${signature}\ncommitter ${signature}\ndata ${String(message.length)}\n${message}`,
      checkpoint === 1 ? `M 100644 :${String(contents[0]!.mark)} README.md\n` : '',
      `M 100644 :${String(contents[1 + (checkpoint % 2)]!.mark)} config.json\n\n`,
    );
    if (text.length > 5000) await write(text.splice(0).join(''));
  }
  await write(`${text.join('')}done\n`);
  importing.stdin.end();
  await importing;
  const shas: string[] = [];
  for (const line of (await fs.promises.readFile(marks, 'utf8')).split('\n').filter(Boolean)) {
    const [mark, sha] = line.split(' ');
    shas[Number(mark!.slice(1)) - 1] = sha!;
  }
  return shas.slice(0, commits.length);
}

/** A bare repository that finds its objects in another one: what `git clone --shared --bare` makes, without running Git. */
async function borrowingRepository(
  gitDirectory: string,
  lender: string,
  lfsFolder: string,
  head: string,
): Promise<void> {
  await fs.promises.mkdir(path.join(gitDirectory, 'objects', 'info'), { recursive: true });
  await fs.promises.mkdir(path.join(gitDirectory, 'refs', 'heads'), { recursive: true });
  await fs.promises.mkdir(lfsFolder, { recursive: true });
  const files = {
    HEAD: 'ref: refs/heads/main\n',
    config: '[core]\n\trepositoryformatversion = 0\n\tbare = true\n',
    'refs/heads/main': `${head}\n`,
    'objects/info/alternates': `${path.join(lender, 'objects')}\n`,
  };
  for (const [name, content] of Object.entries(files)) {
    await fs.promises.writeFile(path.join(gitDirectory, name), content);
  }
  await fs.promises.symlink(
    path.relative(gitDirectory, lfsFolder),
    path.join(gitDirectory, 'lfs'),
    'junction',
  );
}

function hash(algorithm: string, content: string): string {
  return createHash(algorithm).update(content).digest('hex');
}
