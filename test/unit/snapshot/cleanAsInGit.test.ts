import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { parseStatus, type StatusEntry } from '../../../src/core/snapshot/git/status.ts';
import { openRepository, restore, scratch, withSnapshot, type Repository } from './repositories.ts';

const FILES = ['a.txt', 'b.txt', 'B.log', 'dir/c.txt', 'dir/deep/d.bin', 'é ü.txt', 'other/e.txt'];
const CONTENTS = ['', 'a\n', 'a\r\n', 'a\nb\r\n', 'x', '$Id$\n', '$Id: 1 $\n', 'é\n', '\0\r\n'];
const PATTERNS = ['*.log', '/b.txt', 'dir/', '!B.log', '*.new', 'deep', '# nothing', '', '*'];
const ATTRIBUTES = [
  '* text=auto',
  '*.txt text',
  '*.txt -text',
  '*.txt eol=crlf',
  '*.log text eol=lf',
  '*.bin binary',
  '*.txt ident',
  '*.txt !text !eol',
];

/** Where Git looks for patterns of one kind. */
const PLACES = ['committed', 'info', 'named', 'home', 'standard'] as const;

const settings = fc.record(
  {
    'core.autocrlf': fc.constantFrom('true', 'false', 'input', 'TRUE', '1', '0'),
    'core.eol': fc.constantFrom('lf', 'crlf', 'native'),
    'core.filemode': fc.constantFrom('true', 'false', 'no'),
    'core.symlinks': fc.constantFrom('true', 'false'),
    'core.trustctime': fc.constantFrom('true', 'false'),
    'core.checkstat': fc.constantFrom('minimal', 'default'),
    'core.ignorecase': fc.constantFrom('true', 'false'),
  },
  { requiredKeys: [] },
);

const patterns = (lines: readonly string[]) =>
  fc.dictionary(fc.constantFrom(...PLACES), fc.array(fc.constantFrom(...lines), { maxLength: 3 }), {
    maxKeys: 3,
  });

const action = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), path: fc.nat(6), content: fc.nat(8) }),
  fc.record({ kind: fc.constant('create' as const), path: fc.nat(6), content: fc.nat(8) }),
  fc.record({ kind: fc.constantFrom('delete' as const, 'touch', 'run', 'link', 'rename'), path: fc.nat(6) }),
  fc.record({ kind: fc.constantFrom('stage' as const, 'unstage'), path: fc.constant(0) }),
);

const scenario = fc.record({
  contents: fc.array(fc.nat(8), { minLength: FILES.length, maxLength: FILES.length }),
  executable: fc.nat(6),
  local: settings,
  personal: settings,
  ignored: patterns(PATTERNS),
  attributes: patterns(ATTRIBUTES),
  index: fc.constantFrom('plain', 'split', 'untrackedCache', 'sparse', 'sparseIndex', 'hidden'),
  settleFirst: fc.boolean(),
  actions: fc.array(action, { maxLength: 5 }),
});

/** One for each setting that alone makes the difference. */
const PLAIN = {
  contents: FILES.map(() => 1),
  executable: 6,
  local: {},
  personal: {},
  ignored: {},
  attributes: {},
  index: 'plain',
  settleFirst: true,
} as const;
const EXAMPLES: readonly Scenario[] = [
  { ...PLAIN, local: { 'core.filemode': 'false' }, actions: [{ kind: 'run', path: 0 }] },
  { ...PLAIN, personal: { 'core.filemode': 'no' }, actions: [{ kind: 'run', path: 0 }] },
  { ...PLAIN, local: { 'core.autocrlf': 'true' }, actions: [{ kind: 'write', path: 0, content: 2 }] },
  { ...PLAIN, personal: { 'core.autocrlf': 'input' }, actions: [{ kind: 'write', path: 0, content: 2 }] },
  {
    ...PLAIN,
    actions: [
      { kind: 'link', path: 0 },
      { kind: 'write', path: 0, content: 0 },
    ],
  },
].map((example) => ({ ...example, contents: [...example.contents] }) as Scenario);

type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

// Modes and links are what a file system has.
if (process.platform !== 'win32') {
  describe('What is uncommitted', () => {
    const { folder, repository } = scratch();

    it('is what git status says, whatever is set, ignored and converted', async () => {
      await fc.assert(
        fc.asyncProperty(scenario, async (made) => {
          const home = folder();
          const saved = { HOME: process.env.HOME, XDG_CONFIG_HOME: process.env.XDG_CONFIG_HOME };
          Object.assign(process.env, { HOME: home, XDG_CONFIG_HOME: join(home, 'xdg') });
          try {
            const model = repository();
            writeFileSync(process.env.GIT_CONFIG_GLOBAL ?? '', '');
            arrange(model, home, made);
            const expected = sorted(parseStatus(statusOf(model)));
            await withSnapshot(model.path, ({ uncommitted }) =>
              assert.deepEqual(sorted(uncommitted.map(({ kind, path }) => ({ kind, path }))), expected),
            );
          } finally {
            for (const [name, value] of Object.entries(saved)) restore(name, value);
          }
        }),
        { numRuns: EXAMPLES.length + 8, examples: EXAMPLES.map((example) => [example] as [Scenario]) },
      );
    }).timeout(300_000);
  });
}

function sorted(entries: readonly StatusEntry[]): string[] {
  return entries.map(({ kind, path }) => `${path} ${kind}`).sort();
}

function statusOf(model: Repository): string {
  return openRepository(model.path).git(
    '--no-optional-locks',
    'status',
    '--porcelain=v2',
    '-z',
    '--untracked-files=normal',
    '--ignore-submodules=all',
    '--find-renames=100%',
  );
}

function arrange(model: Repository, home: string, made: Scenario): void {
  FILES.forEach((path, at) => model.write(path, CONTENTS[made.contents[at] ?? 0] ?? ''));
  chmodSync(join(model.path, FILES[made.executable] ?? ''), 0o755);
  const place = (lines: Scenario['ignored'], kind: 'ignore' | 'attributes', where: readonly string[]) => {
    for (const name of where) {
      const text = lines[name]?.map((line) => `${line}\n`).join('');
      if (text !== undefined) lay(model, home, kind, name as (typeof PLACES)[number], text);
    }
  };
  const configured = () => {
    for (const [key, value] of Object.entries(made.personal)) model.git('config', '--global', key, value);
    for (const [key, value] of Object.entries(made.local)) model.git('config', key, value);
  };
  place(made.attributes, 'attributes', ['committed']);
  model.git('add', '--all', '--force');
  model.git('commit', '--quiet', '-m', 'Model');
  if (made.settleFirst) settle(model);
  configured();
  place(made.attributes, 'attributes', PLACES.slice(1));
  place(made.ignored, 'ignore', PLACES);
  shape(model, made.index);
  for (const each of made.actions) act(model, each);
}

function lay(
  model: Repository,
  home: string,
  kind: 'ignore' | 'attributes',
  place: (typeof PLACES)[number],
  text: string,
): void {
  const key = kind === 'ignore' ? 'core.excludesFile' : 'core.attributesFile';
  const files: Record<typeof place, string> = {
    committed: join(model.path, `.git${kind}`),
    info: join(model.path, '.git', 'info', kind === 'ignore' ? 'exclude' : kind),
    named: join(home, `my ${kind} \\"file"`),
    home: join(home, `.${kind}`),
    standard: join(home, 'xdg', 'git', kind),
  };
  const file = files[place];
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, text);
  if (place === 'named') model.git('config', key, file);
  if (place === 'home') model.git('config', key, `~/.${kind}`);
}

/** Older than the index, so that its metadata alone tell that it did not change. */
function settle(model: Repository): void {
  for (const path of FILES) utimesSync(join(model.path, path), 1_000_000_000, 1_000_000_000);
  model.git('update-index', '-q', '--refresh');
}

/** Runs Git where what the scenario set may not allow it; then the repository is as it was left. */
function tryGit(model: Repository, ...args: string[]): void {
  try {
    model.git(...args);
  } catch {
    // It was refused.
  }
}

function shape(model: Repository, index: Scenario['index']): void {
  const tried = (...args: string[]) => tryGit(model, ...args);
  if (index === 'split') tried('update-index', '--split-index');
  if (index === 'untrackedCache') {
    tried('update-index', '--force-untracked-cache');
    tried('status');
  }
  if (index === 'sparse') tried('sparse-checkout', 'set', 'dir');
  if (index === 'sparseIndex') tried('sparse-checkout', 'set', '--cone', '--sparse-index', 'dir');
  if (index === 'hidden') tried('update-index', '--assume-unchanged', 'a.txt');
}

function act(model: Repository, done: Scenario['actions'][number]): void {
  // Refused for new files outside of a sparse checkout.
  if (done.kind === 'stage') {
    tryGit(model, 'add', '--all');
    return;
  }
  if (done.kind === 'unstage') return void model.git('reset', '--quiet');
  const path = FILES[done.path] ?? '';
  const file = join(model.path, path);
  if (done.kind === 'write') {
    // A link to itself, which can be made here, takes no content.
    if (!existsSync(file) && lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink()) rmSync(file);
    model.write(path, CONTENTS[done.content] ?? '');
    return;
  }
  if (done.kind === 'create') {
    model.write(`${path}.new`, CONTENTS[done.content] ?? '');
    return;
  }
  if (!existsSync(file)) return;
  if (done.kind === 'delete') rmSync(file);
  if (done.kind === 'touch') utimesSync(file, 1_100_000_000, 1_100_000_000);
  if (done.kind === 'run') chmodSync(file, 0o755);
  if (done.kind === 'rename') renameSync(file, `${file}.moved`);
  if (done.kind === 'link') {
    rmSync(file);
    symlinkSync('a.txt', file);
  }
}
