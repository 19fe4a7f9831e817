import { appendFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A place for one trap: a repository, and a program that leaves a trace when it is run. */
export interface Place {
  /** Absolute path of a folder for everything else. */
  readonly folder: string;
  /** Absolute path of a repository with one commit, whose `a.txt` was then changed. */
  readonly model: string;
  /** Absolute path of a program that takes any arguments. */
  readonly program: string;
  /** The same as words for a shell. */
  readonly command: string;
  /** Absolute path of what exists when it ran. */
  readonly trace: string;
  /** Git in `model`, as anybody runs it, whatever it says; standard output. */
  git(...args: string[]): string;
  gitIn(folder: string, ...args: string[]): string;
  gitWith(input: string, ...args: string[]): string;
  /** `a.txt` is different from the commit again, and just as long. */
  touch(): void;
}

/** One known way in which Git runs a stranger's program. */
export interface Way {
  readonly name: string;
  /** The first Git that knows it; all that are tried where left out. */
  readonly since?: readonly [major: number, minor: number];
  /** The first Git that no longer does. */
  readonly until?: readonly [major: number, minor: number];
  /** Lays the trap. Variables of the answer are set for Git and for us. */
  lay(place: Place): Laid | undefined;
  /** What anybody does with Git who falls into it. */
  careless(place: Place): void;
  /** What we do: open it (the default), or refuse with a sentence. */
  readonly ours?: 'refused';
}

export interface Laid {
  /** Absolute path of the folder that is opened; the repository's where left out. */
  readonly folder?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Text of the person's own configuration. */
  readonly personal?: string;
}

/** Text, one character a byte, for the end of a file. */
function append(file: string, latin1: string): void {
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, Buffer.from(latin1, 'latin1'));
}

/** A value or a subsection's name in a configuration. */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** `[section "sub"] name = value` for each of `settings`. */
function section(head: string, settings: Readonly<Record<string, string>>): string {
  const [name = '', ...sub] = head.split(' ');
  const lines = Object.entries(settings).map(([key, value]) => `\t${key} = ${quoted(value)}\n`);
  return `[${name}${sub.length > 0 ? ` ${quoted(sub.join(' '))}` : ''}]\n${lines.join('')}`;
}

const config = (model: string) => join(model, '.git', 'config');

function configure(place: Place, head: string, settings: Readonly<Record<string, string>>): undefined {
  append(config(place.model), section(head, settings));
}

/** Gives `a.txt` the filter of that name (one character a byte). */
function assign(place: Place, filter: string, file = join(place.model, '.git', 'info', 'attributes')): void {
  append(file, `*.txt filter=${filter}\n`);
}

const look = (place: Place) => place.git('status');

/** A filter by its name: one character a byte. */
const NAMES: Readonly<Record<string, string>> = {
  plain: 'evil',
  'of Git LFS': 'lfs',
  'no UTF-8': 'ev\xffil',
  'half a letter of UTF-8': 'evil\xc3',
  'the sign for what is no UTF-8': 'ev\xef\xbf\xbdil',
  'with an equals sign': 'a=b',
  'with dots': 'a.clean.b',
  'with quotes and a backslash': 'e"v\\il',
  'with letters of UTF-8': '\xc3\xa9vil',
  'in capitals': 'EVIL',
  'of one dash': '-',
  'with a control character': 'e\x01vil',
  'of 300 letters': 'e'.repeat(300),
};

function filterWays(): Way[] {
  const named = Object.entries(NAMES).map(([what, name]): Way => ({
    name: `a filter’s clean command, its name ${what}`,
    lay: (place) => {
      assign(place, name);
      configure(place, `filter ${name}`, { clean: place.command });
    },
    careless: look,
  }));
  const process = ['evil', 'ev\xffil'].map((name): Way => ({
    name: `a filter’s process, its name ${name === 'evil' ? 'plain' : 'no UTF-8'}`,
    lay: (place) => {
      assign(place, name);
      configure(place, `filter ${name}`, { process: place.command, required: 'true' });
    },
    careless: look,
  }));
  return [
    ...named,
    ...process,
    {
      name: 'a filter’s smudge command',
      lay: (place) => {
        assign(place, 'ev\xffil');
        configure(place, 'filter ev\xffil', { smudge: place.command });
      },
      careless: (place) => place.git('checkout', '--', 'a.txt'),
    },
    {
      name: 'a filter whose name is empty',
      lay: (place) => {
        assign(place, '');
        configure(place, 'filter ', { clean: place.command });
      },
      careless: look,
    },
  ];
}

/** The same filter from everywhere that Git takes configuration and attributes from. */
function placesOfFilters(): Way[] {
  const filter = (place: Place, name = 'ev\xffil') => section(`filter ${name}`, { clean: place.command });
  const included = (place: Place) => {
    assign(place, 'ev\xffil');
    const file = join(place.folder, 'included');
    append(file, filter(place));
    return file;
  };
  return [
    {
      name: 'a filter from an included file',
      lay: (place) => configure(place, 'include', { path: included(place) }),
      careless: look,
    },
    {
      name: 'a filter from a file included for the branch',
      lay: (place) => configure(place, 'includeIf onbranch:main', { path: included(place) }),
      careless: look,
    },
    {
      name: 'a filter from a file included for the folder',
      lay: (place) => configure(place, 'includeIf gitdir:**/.git', { path: included(place) }),
      careless: look,
    },
    {
      name: 'a filter from a file included for a remote',
      since: [2, 36],
      lay: (place) => {
        const file = included(place);
        configure(place, 'remote origin', { url: 'https://host.example/x' });
        configure(place, 'includeIf hasconfig:remote.*.url:https://host.example/**', { path: file });
      },
      careless: look,
    },
    {
      name: 'a filter from the configuration of a work tree',
      lay: (place) => {
        configure(place, 'core', { repositoryformatversion: '1' });
        configure(place, 'extensions', { worktreeConfig: 'true' });
        assign(place, 'ev\xffil');
        append(join(place.model, '.git', 'config.worktree'), filter(place));
        return undefined;
      },
      careless: look,
    },
    {
      name: 'a filter in a linked work tree',
      lay: (place) => {
        const linked = join(place.folder, 'linked');
        place.git('worktree', 'add', '--quiet', '--detach', linked);
        assign(place, 'ev\xffil');
        append(config(place.model), filter(place));
        writeFileSync(join(linked, 'a.txt'), 'c');
        return { folder: linked };
      },
      careless: (place) => place.gitIn(join(place.folder, 'linked'), 'status'),
    },
    {
      name: 'a filter named by the attributes of a commit',
      lay: (place) => {
        append(join(place.model, '.gitattributes'), '*.txt filter=ev\xffil\n');
        place.git('commit', '--quiet', '-m', 'Attributes', '.gitattributes');
        append(config(place.model), filter(place));
        return undefined;
      },
      careless: look,
    },
    {
      name: 'a filter named by core.attributesFile',
      lay: (place) => {
        const file = join(place.folder, 'attributes');
        assign(place, 'ev\xffil', file);
        configure(place, 'core', { attributesFile: file });
        append(config(place.model), filter(place));
        return undefined;
      },
      careless: look,
    },
    {
      name: 'a filter in the person’s own configuration, named by a stranger’s attributes',
      lay: (place) => {
        assign(place, 'evil');
        return { personal: filter(place, 'evil') };
      },
      careless: look,
    },
    {
      name: 'a filter in variables of the environment',
      since: [2, 31],
      lay: (place) => {
        assign(place, 'evil');
        return {
          environment: {
            GIT_CONFIG_COUNT: '1',
            GIT_CONFIG_KEY_0: 'filter.evil.clean',
            GIT_CONFIG_VALUE_0: place.command,
          },
        };
      },
      careless: look,
    },
    {
      name: 'a filter in GIT_CONFIG_PARAMETERS',
      since: [2, 31],
      lay: (place) => {
        assign(place, 'evil');
        return { environment: { GIT_CONFIG_PARAMETERS: `'filter.evil.clean'='${place.program}'` } };
      },
      careless: look,
    },
    {
      name: 'a filter in a repository that GIT_DIR names',
      lay: (place) => {
        const other = join(place.folder, 'other');
        place.gitIn(place.folder, 'init', '--quiet', other);
        append(config(other), filter(place));
        assign(place, 'ev\xffil', join(other, '.git', 'info', 'attributes'));
        writeFileSync(join(other, 'a.txt'), 'a');
        place.gitIn(other, 'add', '--all');
        rmSync(place.trace, { force: true });
        return { environment: { GIT_DIR: join(other, '.git'), GIT_WORK_TREE: place.model } };
      },
      careless: (place) => place.git('add', 'a.txt'),
    },
    {
      name: 'a filter of a submodule',
      lay: (place) => {
        const inner = join(place.folder, 'inner');
        place.gitIn(place.folder, 'init', '--quiet', inner);
        writeFileSync(join(inner, 'a.txt'), 'a');
        place.gitIn(inner, 'add', '--all');
        place.gitIn(inner, 'commit', '--quiet', '-m', 'Inner');
        place.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner, 'sub/inner');
        place.git('commit', '--quiet', '-m', 'Submodule', '.gitmodules', 'sub/inner');
        const modules = join(place.model, '.git', 'modules', 'sub', 'inner');
        append(join(modules, 'config'), filter(place));
        assign(place, 'ev\xffil', join(modules, 'info', 'attributes'));
        writeFileSync(join(place.model, 'sub', 'inner', 'a.txt'), 'c');
        return undefined;
      },
      ours: 'refused',
      careless: look,
    },
    {
      name: 'a filter of a submodule that is opened itself',
      lay: (place) => {
        const inner = join(place.folder, 'inner');
        place.gitIn(place.folder, 'init', '--quiet', inner);
        writeFileSync(join(inner, 'a.txt'), 'a');
        place.gitIn(inner, 'add', '--all');
        place.gitIn(inner, 'commit', '--quiet', '-m', 'Inner');
        place.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner, 'inner');
        const modules = join(place.model, '.git', 'modules', 'inner');
        append(join(modules, 'config'), filter(place));
        assign(place, 'ev\xffil', join(modules, 'info', 'attributes'));
        writeFileSync(join(place.model, 'inner', 'a.txt'), 'c');
        return { folder: join(place.model, 'inner') };
      },
      careless: (place) => place.gitIn(join(place.model, 'inner'), 'status'),
    },
    ...['.', 'deep/down'].map((inside): Way => ({
      name: `a filter of a committed folder that looks like a bare repository, from a clone, seen ${inside === '.' ? 'at its top' : 'below it'}`,
      until: [3, 0],
      lay: (place) => {
        const clone = bareInClone(place, inside, (bare) => {
          append(join(bare, 'config'), filter(place));
          assign(place, 'ev\xffil', join(bare, 'info', 'attributes'));
        });
        return { folder: join(clone, 'model', inside) };
      },
      ours: 'refused',
      careless: (place) => place.gitIn(join(place.folder, 'clone', 'model', inside), 'status'),
    })),
    {
      name: 'fsmonitor of a committed folder that looks like a bare repository, from a clone',
      until: [3, 0],
      lay: (place) => {
        const clone = bareInClone(place, '.', (bare) =>
          append(join(bare, 'config'), section('core', { fsmonitor: place.program })),
        );
        return { folder: join(clone, 'model') };
      },
      ours: 'refused',
      careless: (place) => place.gitIn(join(place.folder, 'clone', 'model'), 'status'),
    },
  ];
}

/** An ordinary clone of a repository whose folder `model` is a bare repository with files beside, in its own work tree. */
function bareInClone(place: Place, inside: string, arm: (bare: string) => void): string {
  const upstream = join(place.folder, 'upstream');
  const bare = join(upstream, 'model');
  mkdirSync(join(bare, inside), { recursive: true });
  place.gitIn(place.folder, 'init', '--quiet', upstream);
  place.gitIn(bare, 'init', '--quiet', '--bare', '.');
  for (const [key, value] of [
    ['core.bare', 'false'],
    ['core.worktree', '.'],
  ] as const) {
    place.gitIn(bare, '--git-dir=.', 'config', key, value);
  }
  writeFileSync(join(bare, inside, 'a.txt'), 'a');
  const own = ['--git-dir=.', '--work-tree=.'];
  place.gitIn(bare, ...own, 'add', join(inside, 'a.txt'));
  place.gitIn(bare, ...own, 'commit', '--quiet', '-m', 'Model');
  arm(bare);
  rmSync(join(bare, 'hooks'), { recursive: true, force: true });
  for (const empty of ['refs/tags', 'objects/info', 'objects/pack', 'branches']) {
    if (existsSync(join(bare, empty))) writeFileSync(join(bare, empty, '.keep'), '');
  }
  place.gitIn(upstream, 'add', '--force', '.');
  place.gitIn(upstream, 'commit', '--quiet', '-m', 'Upstream');
  const clone = join(place.folder, 'clone');
  place.gitIn(place.folder, 'clone', '--quiet', upstream, clone);
  rmSync(place.trace, { force: true });
  return clone;
}

function hookWays(): Way[] {
  const names: Readonly<Record<string, (place: Place) => void>> = {
    'post-index-change': (place) => place.git('update-index', '--force-write-index', '--refresh'),
    'reference-transaction': (place) => place.git('update-ref', 'refs/heads/other', 'HEAD'),
    'pre-commit': (place) => place.git('commit', '--quiet', '--allow-empty', '-m', 'Hooked'),
    'post-checkout': (place) => place.git('checkout', '--quiet', '-f', 'HEAD'),
  };
  const hook = (place: Place, folder: string, name: string) => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, name), `#!/bin/sh\n${place.command} < /dev/null\n`, { mode: 0o755 });
  };
  return Object.entries(names).flatMap(([name, careless]): Way[] => [
    {
      name: `the hook ${name} in the Git folder`,
      lay: (place) => {
        hook(place, join(place.model, '.git', 'hooks'), name);
        return undefined;
      },
      careless,
    },
    {
      name: `the hook ${name} in core.hooksPath`,
      lay: (place) => {
        hook(place, join(place.folder, 'hooks'), name);
        configure(place, 'core', { hooksPath: join(place.folder, 'hooks') });
      },
      careless,
    },
    ...['evil', 'ev\xffil'].map((hooked): Way => ({
      name: `the hook ${name} in the configuration, its name ${hooked === 'evil' ? 'plain' : 'no UTF-8'}`,
      since: [2, 54],
      lay: (place) => configure(place, `hook ${hooked}`, { command: place.command, event: name }),
      careless,
    })),
  ]);
}

function fsmonitorWays(): Way[] {
  return ['1', '2'].map((version): Way => ({
    name: `fsmonitor, version ${version} of its protocol, and an index that knows it`,
    lay: (place) => {
      configure(place, 'core', { fsmonitor: place.program, fsmonitorHookVersion: version });
      place.git('update-index', '--fsmonitor');
      place.git('status');
      rmSync(place.trace, { force: true });
      return undefined;
    },
    careless: look,
  }));
}

/** Programs that the configuration names for what we never do. */
function namedPrograms(): Way[] {
  const attribute = (place: Place, text: string) =>
    append(join(place.model, '.git', 'info', 'attributes'), `${text}\n`);
  const withTerminal = (place: Place, command: string) => {
    // A pager waits for a terminal, which script makes.
    place.git('-c', `alias.x=!script -qec "git ${command}" /dev/null`, 'x');
  };
  const signature = (place: Place, kind: 'PGP' | 'SSH') => {
    const tree = place.git('rev-parse', 'HEAD^{tree}').trim();
    const lines = [`-----BEGIN ${kind} SIGNATURE-----`, 'AAAA', `-----END ${kind} SIGNATURE-----`];
    const text = `tree ${tree}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\ngpgsig ${lines.join('\n ')}\n\nSigned\n`;
    const commit = place.gitWith(text, 'hash-object', '-t', 'commit', '-w', '--stdin').trim();
    place.git('update-ref', 'refs/heads/main', commit);
  };
  return [
    {
      name: 'diff.external',
      lay: (place) => configure(place, 'diff', { external: place.program }),
      careless: (place) => place.git('diff'),
    },
    {
      name: 'the command of a diff driver',
      lay: (place) => {
        attribute(place, '*.txt diff=evil');
        configure(place, 'diff evil', { command: place.program });
      },
      careless: (place) => place.git('diff'),
    },
    {
      name: 'textconv',
      lay: (place) => {
        attribute(place, '*.txt diff=evil');
        configure(place, 'diff evil', { textconv: place.program });
      },
      careless: (place) => place.git('diff'),
    },
    {
      name: 'a merge driver',
      lay: (place) => {
        attribute(place, '*.txt merge=evil');
        place.git('checkout', '--quiet', '-f', '-b', 'other');
        writeFileSync(join(place.model, 'a.txt'), 'x');
        place.git('commit', '--quiet', '-am', 'Other');
        place.git('checkout', '--quiet', 'main');
        writeFileSync(join(place.model, 'a.txt'), 'y');
        place.git('commit', '--quiet', '-am', 'Main');
        configure(place, 'merge evil', { driver: place.command });
      },
      careless: (place) => {
        place.git('merge', 'other');
        place.git('merge', '--abort');
        place.git('reset', '--quiet', '--hard');
      },
    },
    {
      name: 'an alias of each command',
      lay: (place) => {
        const names = [
          's',
          'status',
          'config',
          'rev-parse',
          'symbolic-ref',
          'ls-tree',
          'cat-file',
          'ls-files',
        ];
        const more = ['diff-files', 'update-index', 'for-each-ref'];
        const aliases = Object.fromEntries([...names, ...more].map((name) => [name, `!${place.command}`]));
        configure(place, 'alias', aliases);
      },
      careless: (place) => place.git('s'),
    },
    {
      name: 'core.pager',
      lay: (place) => configure(place, 'core', { pager: place.command }),
      careless: (place) => withTerminal(place, 'log'),
    },
    ...['status', 'for-each-ref', 'config'].map((command): Way => ({
      name: `pager.${command}`,
      lay: (place) => configure(place, 'pager', { [command]: place.command }),
      careless: (place) => withTerminal(place, command === 'config' ? 'config --list' : command),
    })),
    {
      name: 'core.editor',
      lay: (place) => configure(place, 'core', { editor: place.command }),
      careless: (place) => place.git('commit', '--amend', '--allow-empty'),
    },
    {
      name: 'sequence.editor',
      lay: (place) => configure(place, 'sequence', { editor: place.command }),
      careless: (place) => {
        place.git('rebase', '--interactive', '--root', '--autostash');
        place.git('rebase', '--abort');
      },
    },
    {
      name: 'core.sshCommand',
      lay: (place) => configure(place, 'core', { sshCommand: place.command }),
      careless: (place) => place.git('ls-remote', 'ssh://host.example/x'),
    },
    {
      name: 'core.gitProxy',
      lay: (place) => configure(place, 'core', { gitProxy: place.program }),
      careless: (place) => place.git('ls-remote', 'git://127.0.0.1/x'),
    },
    {
      name: 'core.askPass',
      lay: (place) => configure(place, 'core', { askPass: place.program }),
      careless: (place) => place.gitWith('protocol=https\nhost=host.example\n\n', 'credential', 'fill'),
    },
    {
      name: 'credential.helper',
      lay: (place) => configure(place, 'credential', { helper: `!${place.command}` }),
      careless: (place) => place.gitWith('protocol=https\nhost=host.example\n\n', 'credential', 'fill'),
    },
    {
      name: 'gpg.program, with log.showSignature',
      lay: (place) => {
        signature(place, 'PGP');
        configure(place, 'log', { showSignature: 'true' });
        configure(place, 'gpg', { program: place.program });
      },
      careless: (place) => place.git('log'),
    },
    {
      name: 'gpg.ssh.program, with log.showSignature',
      since: [2, 34],
      lay: (place) => {
        signature(place, 'SSH');
        const signers = join(place.folder, 'signers');
        writeFileSync(signers, '');
        configure(place, 'log', { showSignature: 'true' });
        configure(place, 'gpg ssh', { program: place.program, allowedSignersFile: signers });
      },
      careless: (place) => place.git('log'),
    },
    {
      name: 'gpg.ssh.defaultKeyCommand',
      since: [2, 34],
      lay: (place) => {
        configure(place, 'gpg', { format: 'ssh' });
        configure(place, 'gpg ssh', { defaultKeyCommand: place.command });
      },
      careless: (place) => place.git('commit', '--quiet', '--allow-empty', '-S', '-m', 'Signed'),
    },
    {
      name: 'the command of a trailer',
      lay: (place) => configure(place, 'trailer evil', { key: 'Evil', command: place.command }),
      careless: (place) => place.gitWith('Subject\n', 'interpret-trailers', '--trailer', 'evil=x'),
    },
    {
      name: 'the command of an archive format',
      lay: (place) => configure(place, 'tar evil', { command: place.command }),
      careless: (place) => place.git('archive', '--format=evil', 'HEAD'),
    },
    {
      name: 'a difftool',
      lay: (place) => configure(place, 'difftool evil', { cmd: place.command }),
      careless: (place) => place.git('difftool', '--no-prompt', '--tool=evil'),
    },
    {
      name: 'submodule.NAME.update',
      lay: (place) => {
        const inner = join(place.folder, 'inner');
        place.gitIn(place.folder, 'init', '--quiet', inner);
        place.gitIn(inner, 'commit', '--quiet', '--allow-empty', '-m', 'One');
        place.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner, 'inner');
        place.git('commit', '--quiet', '-m', 'Submodule', '.gitmodules', 'inner');
        place.gitIn(join(place.model, 'inner'), 'commit', '--quiet', '--allow-empty', '-m', 'Two');
        configure(place, 'submodule inner', { update: `!${place.command}` });
      },
      ours: 'refused',
      careless: (place) => place.git('submodule', 'update'),
    },
  ];
}

/** What runs when Git talks to another repository, or wants to. */
function transportWays(): Way[] {
  const anywhere = (place: Place) => configure(place, 'protocol', { allow: 'always' });
  /** Takes the blob of `a.txt` away, so that a partial clone has to fetch it. */
  const partial = (place: Place, remote: Readonly<Record<string, string>>) => {
    anywhere(place);
    configure(place, 'core', { repositoryformatversion: '1' });
    configure(place, 'extensions', { partialClone: 'origin' });
    configure(place, 'remote origin', { promisor: 'true', ...remote });
    const blob = place.git('rev-parse', 'HEAD:a.txt').trim();
    rmSync(join(place.model, '.git', 'objects', blob.slice(0, 2), blob.slice(2)));
    return undefined;
  };
  const missing = (place: Place) => place.git('cat-file', '-p', 'HEAD:a.txt');
  return [
    {
      name: 'a remote of ext::',
      lay: (place) => {
        anywhere(place);
        configure(place, 'remote origin', { url: `ext::${place.program}` });
      },
      careless: (place) => place.git('fetch', 'origin'),
    },
    {
      name: 'a remote that insteadOf turns into ext::',
      lay: (place) => {
        anywhere(place);
        configure(place, `url ext::${place.program} `, { insteadOf: 'https://host.example/' });
        configure(place, 'remote origin', { url: 'https://host.example/x' });
      },
      careless: (place) => place.git('fetch', 'origin'),
    },
    {
      name: 'remote.NAME.uploadpack',
      lay: (place) => configure(place, 'remote origin', { url: place.model, uploadpack: place.command }),
      careless: (place) => place.git('fetch', 'origin'),
    },
    {
      name: 'uploadpack.packObjectsHook',
      lay: (place) => ({ personal: section('uploadpack', { packObjectsHook: place.command }) }),
      careless: (place) =>
        place.git('clone', '--quiet', '--no-local', '.', join(place.folder, `clone-${Date.now()}`)),
    },
    {
      name: 'core.alternateRefsCommand',
      lay: (place) => {
        const other = join(place.folder, 'other');
        place.git('clone', '--quiet', '--bare', '.', other);
        writeFileSync(
          join(place.model, '.git', 'objects', 'info', 'alternates'),
          `${join(other, 'objects')}\n`,
        );
        configure(place, 'remote origin', { url: place.model, fetch: '+refs/heads/*:refs/remotes/origin/*' });
        configure(place, 'core', { alternateRefsCommand: place.command });
      },
      careless: (place) => place.git('fetch', 'origin'),
    },
    {
      name: 'a partial clone’s remote of ext::',
      lay: (place) => partial(place, { url: `ext::${place.program}` }),
      ours: 'refused',
      careless: missing,
    },
    {
      name: 'a partial clone’s upload-pack',
      lay: (place) => partial(place, { url: place.model, uploadpack: place.command }),
      ours: 'refused',
      careless: missing,
    },
    {
      name: 'a partial clone’s ssh',
      lay: (place) => {
        configure(place, 'core', { sshCommand: place.command });
        partial(place, { url: 'ssh://host.example/x' });
      },
      ours: 'refused',
      careless: missing,
    },
    {
      name: 'a partial clone whose last commit is not here',
      lay: (place) => {
        const commit = place.git('rev-parse', 'HEAD').trim();
        partial(place, { url: `ext::${place.program}` });
        rmSync(join(place.model, '.git', 'objects', commit.slice(0, 2), commit.slice(2)));
        return undefined;
      },
      ours: 'refused',
      careless: missing,
    },
    {
      name: 'a partial clone whose remote branch is not here',
      lay: (place) => {
        const commit = place.git('commit-tree', '-m', 'Elsewhere', 'HEAD^{tree}').trim();
        place.git('update-ref', 'refs/remotes/origin/main', commit);
        partial(place, { url: `ext::${place.program}` });
        rmSync(join(place.model, '.git', 'objects', commit.slice(0, 2), commit.slice(2)));
        return undefined;
      },
      ours: 'refused',
      careless: missing,
    },
  ];
}

/** What the surroundings of this process send Git to, such as those of a terminal that a stranger's `.envrc` filled. */
function environmentWays(): Way[] {
  const variable = (name: string, careless: (place: Place) => void): Way => ({
    name: `the variable ${name}`,
    lay: (place) => ({ environment: { [name]: place.program } }),
    careless,
  });
  const credential = (place: Place) =>
    place.gitWith('protocol=https\nhost=host.example\n\n', 'credential', 'fill');
  const traces = ['GIT_TRACE', 'GIT_TRACE2', 'GIT_TRACE2_EVENT', 'GIT_TRACE_SETUP', 'GIT_TRACE_PERFORMANCE'];
  return [
    variable('GIT_EXTERNAL_DIFF', (place) => place.git('diff')),
    variable('GIT_SSH', (place) => place.git('ls-remote', 'ssh://host.example/x')),
    variable('GIT_SSH_COMMAND', (place) => place.git('ls-remote', 'ssh://host.example/x')),
    variable('GIT_PROXY_COMMAND', (place) => place.git('ls-remote', 'git://127.0.0.1/x')),
    variable('GIT_ASKPASS', credential),
    variable('SSH_ASKPASS', credential),
    variable('GIT_EDITOR', (place) => place.git('commit', '--amend', '--allow-empty')),
    variable('VISUAL', (place) => place.git('commit', '--amend', '--allow-empty')),
    ...traces.map((name): Way => ({
      name: `the variable ${name}, which writes a file`,
      lay: (place) => ({ environment: { [name]: place.trace } }),
      careless: look,
    })),
    {
      name: 'programs called like Git’s commands in GIT_EXEC_PATH',
      lay: (place) => {
        const folder = join(place.folder, 'exec');
        mkdirSync(folder);
        for (const name of ['evil', 'status', 'ls-tree', 'cat-file', 'rev-parse', 'config', 'update-index']) {
          writeFileSync(join(folder, `git-${name}`), `#!/bin/sh\n${place.command} < /dev/null\n`, {
            mode: 0o755,
          });
        }
        return { environment: { GIT_EXEC_PATH: folder } };
      },
      careless: (place) => place.git('evil'),
    },
  ];
}

/** Every known way. */
export const WAYS: readonly Way[] = [
  ...filterWays(),
  ...placesOfFilters(),
  ...hookWays(),
  ...fsmonitorWays(),
  ...namedPrograms(),
  ...transportWays(),
  ...environmentWays(),
];
