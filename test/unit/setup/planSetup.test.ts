import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure, type FailureKind } from '../../../src/core/failure.ts';
import { planSetup } from '../../../src/core/setup/planSetup.ts';
import type { SetupPlan } from '../../../src/core/setup/plans.ts';
import { scratch } from '../snapshot/repositories.ts';
import { bytes, contentsOf, options, plainGit, trainerOutput, WEIGHTS, write } from './settingUp.ts';

const { folder, repository } = scratch();
const modelFolder = (): string => {
  const path = join(folder(), 'my model');
  mkdirSync(path);
  return path;
};
const pathsOf = (plan: SetupPlan) => plan.files.map(({ path }) => path);
const textOf = (plan: SetupPlan, path: string): string =>
  plan.writes.find((file) => file.path === path)?.content.toString('utf8') ?? '';

async function refused(path: string, kind: FailureKind): Promise<Failure> {
  const error: unknown = await planSetup(path, options()).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert(error instanceof Failure, String(error));
  assert.equal(error.kind, kind, error.message);
  return error;
}

/** A user id that nobody has. */
const STRANGER = 54321;

describe('What setting up a folder will do', () => {
  it('is told of the output of a trainer, and nothing is written', async () => {
    const path = modelFolder();
    write(path, trainerOutput());
    const before = contentsOf(path);
    const plan = await planSetup(path, options());
    assert.equal(plan.repository, 'new');
    assert.deepEqual(pathsOf(plan), [
      '.gitattributes',
      '.gitignore',
      'README.md',
      'config.json',
      'model.safetensors',
      'tokenizer_config.json',
    ]);
    const stores = new Map(plan.files.map(({ path: file, store }) => [file, store]));
    assert.equal(stores.get('model.safetensors'), 'lfs');
    assert.equal(stores.get('config.json'), 'git');
    const ignored = new Map(plan.ignored.map(({ line, files, bytes: size }) => [line, { files, size }]));
    assert.deepEqual(ignored.get('checkpoint-[0-9]*/'), { files: 2, size: 250_000 });
    assert.deepEqual(ignored.get('optimizer.pt'), { files: 1, size: 130_000 });
    assert(!ignored.has('mlruns/'), 'what is not there is not named');
    assert.match(textOf(plan, '.gitattributes'), /^\*\.safetensors filter=lfs diff=lfs merge=lfs -text$/m);
    assert.deepEqual(contentsOf(path), before);
  });

  it('fills the model card with what the files say, and asks for the licence', async () => {
    const path = modelFolder();
    write(path, trainerOutput());
    const card = textOf(await planSetup(path, options()), 'README.md');
    assert.match(
      card,
      /^---\nlibrary_name: transformers\npipeline_tag: text-generation\nbase_model: acme\/base-7b\n/,
    );
    assert.match(card, /tags:\n {2}- conversational\n# license: which one\?.*\n---\n\n# my model\n/);
  });

  it('takes the licence from its text, and no path of another machine for a base model', async () => {
    const path = modelFolder();
    write(path, {
      ...trainerOutput(),
      'config.json': JSON.stringify({
        _name_or_path: '/home/max/base',
        architectures: ['T5ForConditionalGeneration'],
      }),
      LICENSE:
        '                                 Apache License\n                           Version 2.0, January 2004\n',
    });
    const plan = await planSetup(path, options());
    assert.equal(plan.card?.license, 'apache-2.0');
    assert.match(textOf(plan, 'README.md'), /^---\nlicense: apache-2.0\n---\n/);
  });

  it('knows adapters, pipelines and sentence transformers', async () => {
    const path = modelFolder();
    write(path, {
      'adapter_config.json': JSON.stringify({
        peft_type: 'LORA',
        base_model_name_or_path: 'acme/base',
        task_type: 'CAUSAL_LM',
      }),
    });
    const card = textOf(await planSetup(path, options()), 'README.md');
    assert.match(card, /library_name: peft\npipeline_tag: text-generation\nbase_model: acme\/base\n/);
  });

  it('leaves a card, lines of .gitignore and attributes that are there as they are', async () => {
    const path = modelFolder();
    write(path, {
      ...trainerOutput(),
      'readme.md': 'mine',
      '.gitignore': '# mine\r\n!wandb/\r\nruns',
      '.gitattributes': '*.safetensors -filter\n',
    });
    const plan = await planSetup(path, options());
    assert(!plan.writes.some(({ path: file }) => file === 'README.md'));
    const ignore = textOf(plan, '.gitignore');
    assert(ignore.startsWith('# mine\r\n!wandb/\r\nruns\r\n\r\n# Not part of the model\r\n'), ignore);
    assert(!plan.ignored.some(({ line }) => ['wandb/', 'runs/'].includes(line)));
    assert(pathsOf(plan).includes('wandb/run-1/files/output.log'));
    assert(!plan.writes.some(({ path: file }) => file === '.gitattributes'));
    assert.equal(plan.files.find(({ path: file }) => file === 'model.safetensors')?.store, 'git');
  });

  it('gives Git LFS what is large or no text, by its path where its ending says nothing', async () => {
    const path = modelFolder();
    write(path, {
      'tokenizer.json': 'x'.repeat(11 * 1024 * 1024),
      'words.txt': 'word\n'.repeat(40_000),
      'my [odd] blob': Buffer.concat([Buffer.alloc(9), WEIGHTS]),
      'small.bin': Buffer.alloc(10),
    });
    const plan = await planSetup(path, options());
    const stores = Object.fromEntries(plan.files.map(({ path: file, store }) => [file, store]));
    assert.equal(stores['tokenizer.json'], 'lfs');
    assert.equal(stores['words.txt'], 'git');
    assert.equal(stores['my [odd] blob'], 'lfs');
    assert.equal(stores['small.bin'], 'git');
    assert.match(textOf(plan, '.gitattributes'), /^"\/my \\\\\[odd\] blob" filter=lfs/m);
  });

  it('respects attributes in folders below, and what else has the ending', async () => {
    const path = modelFolder();
    write(path, {
      'model.bin': WEIGHTS,
      'raw/model.bin': bytes(150_000, 'raw'),
      'raw/.gitattributes': '*.bin -filter\n',
    });
    const plan = await planSetup(path, options());
    const stores = Object.fromEntries(plan.files.map(({ path: file, store }) => [file, store]));
    assert.equal(stores['model.bin'], 'lfs');
    assert.equal(stores['raw/model.bin'], 'git');
    assert.match(textOf(plan, '.gitattributes'), /^\/model\.bin filter=lfs/m);
  });

  it('warns of secrets, and leaves out what it is told to', async () => {
    const path = modelFolder();
    write(path, {
      ...trainerOutput(),
      '.env': 'HF_TOKEN=x',
      'notes.txt': ['token: hf', 'aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3f'].join('_'),
    });
    const plan = await planSetup(path, options());
    assert.deepEqual(plan.secrets, ['.env', 'notes.txt']);
    const without = await planSetup(path, { ...options(), leaveOut: plan.secrets });
    assert.deepEqual(without.secrets, []);
    assert(!pathsOf(without).includes('.env'));
    assert.match(textOf(without, '.gitignore'), /^\/\.env$/m);
  });

  it('leaves out what .gitignore takes back by name or by ending, and nothing that is not there', async () => {
    const path = modelFolder();
    write(path, { 'config.json': '{}', 'private.json': '{}', '.gitignore': '*\n!.gitignore\n!*.json\n' });
    const plan = await planSetup(path, { ...options(), leaveOut: ['private.json'] });
    assert(pathsOf(plan).includes('config.json') && !pathsOf(plan).includes('private.json'));
    const missing = planSetup(path, { ...options(), leaveOut: ['my model/private.json'] });
    await assert.rejects(missing, /holds no “my model\/private\.json”/);
  });

  it('leaves in what .gitignore takes back of what trainers leave behind', async () => {
    const path = modelFolder();
    write(path, { ...trainerOutput(), '.gitignore': 'checkpoint-*\n!checkpoint-500\n' });
    const plan = await planSetup(path, options());
    assert(pathsOf(plan).includes('checkpoint-500/model.safetensors'));
    assert.doesNotMatch(textOf(plan, '.gitignore'), /checkpoint-\[/);
  });

  it('leaves out repositories in the folder, and links that lead out of it', async () => {
    const path = modelFolder();
    write(path, { ...trainerOutput(), 'a/real.txt': 'x' });
    repository(join(path, 'nested')).write('inside.txt', 'x');
    writeFileSync(join(folder(), 'outside'), 'secret');
    symlinkSync('/etc/passwd', join(path, 'passwd'));
    symlinkSync('nowhere', join(path, 'dangling'));
    symlinkSync('a/real.txt', join(path, 'alias.txt'));
    symlinkSync('a', join(path, 'b'));
    const plan = await planSetup(path, options());
    assert.deepEqual(
      plan.leftOut.map(({ path: file, why }) => `${file} ${why}`),
      ['nested nestedRepository', 'dangling link', 'passwd link'],
    );
    const paths = pathsOf(plan);
    assert(paths.includes('alias.txt') && paths.includes('b') && !paths.includes('nested/inside.txt'));
  });

  it('takes hostile names as they are', async () => {
    const path = modelFolder();
    const names = [
      '-rf',
      '#a.bin',
      '!b.bin',
      '"q".bin',
      'new\nline.bin',
      'tab\t.bin',
      '*.x',
      'back\\slash.bin',
      'ü ☃.bin',
      ' lead',
      '$(touch x)',
    ];
    write(path, Object.fromEntries(names.map((name) => [name, WEIGHTS])));
    const plan = await planSetup(path, options());
    const stores = new Map(plan.files.map(({ path: file, store }) => [file, store]));
    for (const name of names) assert.equal(stores.get(name), 'lfs', name);
  });

  it('says that there is nothing to commit, or a commit already, or a wrong folder', async () => {
    await refused(modelFolder(), 'noCommit');
    const onlyCaches = modelFolder();
    write(onlyCaches, { '__pycache__/a.pyc': 'x', '.DS_Store': 'x' });
    await refused(onlyCaches, 'noCommit');
    const model = repository();
    model.write('a.txt', 'a');
    const empty = await planSetup(model.path, options());
    assert.equal(empty.repository, 'empty');
    model.write('sub/b.txt', 'b');
    await refused(join(model.path, 'sub'), 'noCommit');
    model.commit('x');
    await refused(model.path, 'conflict');
    await refused('/', 'unpublishable');
    await refused(join(folder(), 'models--acme--gpt', 'snapshots'), 'notARepository');
  });

  // Windows knows permissions of other kinds, and no other user to be.
  if (process.platform !== 'win32') {
    it('names what may not be read, and plans for nothing without it', async () => {
      const path = modelFolder();
      write(path, trainerOutput());
      const isRoot = process.geteuid?.() === 0;
      if (isRoot) execFileSync('chown', ['-R', String(STRANGER), dirname(path)]);
      for (const open of [dirname(path), dirname(process.env.GIT_CONFIG_GLOBAL ?? '')])
        chmodSync(open, 0o755);
      for (const theirs of ['model.safetensors', 'wandb']) {
        if (isRoot) execFileSync('chown', ['root', join(path, theirs)]);
        const { mode } = statSync(join(path, theirs));
        chmodSync(join(path, theirs), 0);
        if (isRoot) process.seteuid?.(STRANGER);
        try {
          assert.match((await refused(path, 'disk')).message, new RegExp(theirs));
        } finally {
          if (isRoot) process.seteuid?.(0);
          chmodSync(join(path, theirs), mode);
        }
      }
    });
  }

  it('refuses a filter that would have to run, and a broken .git', async () => {
    const path = modelFolder();
    write(path, { ...trainerOutput(), 'secret.key.txt': 'x', '.gitattributes': '*.txt filter=crypt\n' });
    assert.equal((await planSetup(path, options())).repository, 'new', 'nobody has such a filter');
    plainGit(path, 'config', '--global', 'filter.crypt.clean', 'touch /tmp/never');
    assert.deepEqual((await refused(path, 'git')).paths, ['secret.key.txt']);
    mkdirSync(join(path, '.git'));
    await refused(path, 'git');
  });

  it('names who commits, and that nobody is known', async () => {
    const path = modelFolder();
    write(path, trainerOutput());
    assert.deepEqual((await planSetup(path, options())).author, { name: 'Ada', email: 'ada@example.org' });
    delete process.env.GIT_AUTHOR_NAME;
    delete process.env.GIT_AUTHOR_EMAIL;
    assert.equal((await planSetup(path, options())).author, undefined);
    plainGit(path, 'config', '--global', 'user.name', 'Max');
    plainGit(path, 'config', '--global', 'user.email', 'max@example.org');
    plainGit(path, 'config', '--global', 'commit.gpgsign', 'true');
    const plan = await planSetup(path, options());
    assert.deepEqual(plan.author, { name: 'Max', email: 'max@example.org' });
    assert.deepEqual(plan.unobserved, [{ kind: 'signature' }]);
  });
});
