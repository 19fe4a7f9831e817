import assert from 'node:assert/strict';
import { join, sep } from 'node:path';
import { activeModel } from '../../../src/editor/localModels/activeModel.ts';
import { coalesced } from '../../../src/editor/localModels/coalesced.ts';
import type { LocalModel, WorkspaceModel } from '../../../src/editor/localModels/localModel.ts';
import { isWithin } from '../../../src/core/snapshot/files/within.ts';
import { isInGitFolder, repositoryOfHeadFile } from '../../../src/editor/git/headFiles.ts';
import {
  currentPublications,
  publicationState,
  publicationsOf,
} from '../../../src/editor/localModels/publications.ts';
import type { OngoingPublish, PublishedRecord } from '../../../src/editor/publishService.ts';
import type { GitObjectId } from '../../../src/core/objectIds.ts';
import type { Session } from '../../../src/editor/accounts/sessions.ts';
import type { VersionRow } from '../../../src/editor/rows.ts';

const id = (letter: string) => letter.repeat(40) as GitObjectId;
const HEAD = id('a');
const EARLIER = id('b');
const ROOT = join(sep, 'work');

function model(folder = '', changes: Partial<WorkspaceModel> = {}): WorkspaceModel {
  const repository = join(ROOT, 'repo');
  return {
    origin: 'workspace',
    folder: join(repository, folder),
    name: 'repo',
    place: '',
    head: {
      kind: 'repository',
      repository,
      folder,
      commit: HEAD,
      branch: 'main',
      gitFolder: join(repository, '.git'),
    },
    ...changes,
  };
}

function record(changes: Partial<PublishedRecord> = {}): PublishedRecord {
  return {
    id: '1',
    repository: join(ROOT, 'repo'),
    folder: '',
    commit: HEAD,
    subject: 'One',
    destination: {
      accountId: 'account',
      organization: 'acme',
      registry: 'models',
      model: 'acme/bert',
      endpoint: 'https://example.com/acme/models/huggingface',
    },
    outcome: { kind: 'published', version: id('1'), created: true, verified: true, serverEdited: [] },
    startedAt: 1000,
    tookMs: 10,
    sentBytes: 1,
    savedBytes: 0,
    ...changes,
  };
}

function versionRow(name: string, commit: GitObjectId): VersionRow {
  const session: Pick<Session, 'accountId'> = { accountId: 'other' };
  return {
    kind: 'version',
    session: session as Session,
    version: {
      id: 'id',
      registry: { organization: 'acme', slug: 'models' } as VersionRow['version']['registry'],
      model: name,
      commit,
      createdAt: new Date(5000),
      webUrl: undefined,
    },
  };
}

const of = (
  one: LocalModel,
  records: readonly PublishedRecord[],
  listed: Readonly<Record<string, readonly VersionRow[]>> = {},
) =>
  publicationsOf(one, {
    records,
    versionsOf: (commit) => listed[commit] ?? [],
    downloadedFrom: () => undefined,
  });

describe('local models: where one is published', () => {
  it('takes the history of its folder, newest first, and knows which is of the commit now', () => {
    const known = of(model(), [
      record(),
      record({
        commit: EARLIER,
        startedAt: 500,
        outcome: { kind: 'published', version: id('2'), created: true, verified: true, serverEdited: [] },
      }),
    ]);
    assert.deepEqual(
      known.map(({ commit, version }) => [commit, version]),
      [
        [HEAD, id('1')],
        [EARLIER, id('2')],
      ],
    );
    assert.deepEqual(currentPublications(model(), known), [known[0]]);
  });

  it('counts no publish that failed or was cancelled, and none of another folder', () => {
    assert.deepEqual(
      of(model(), [
        record({ outcome: { kind: 'cancelled' } }),
        record({ outcome: { kind: 'failed', message: 'no' } }),
        record({ folder: 'other' }),
        record({ repository: join(ROOT, 'elsewhere'), commit: EARLIER }),
      ]),
      [],
    );
  });

  it('knows a commit that was published from another clone', () => {
    assert.equal(of(model(), [record({ repository: join(ROOT, 'elsewhere') })]).length, 1);
  });

  it('takes versions that the Registries view has, and names none twice', () => {
    const listed = { [HEAD]: [versionRow('acme/bert', id('1')), versionRow('acme/copy', id('3'))] };
    assert.deepEqual(
      of(model(), [record()], listed).map(({ model: name, accountId }) => [name, accountId]),
      [
        ['acme/copy', 'other'],
        ['acme/bert', 'account'],
      ],
    );
  });

  it('believes a version of a commit of several models only where the folder was published as that model', () => {
    const listed = { [HEAD]: [versionRow('acme/bert', id('1')), versionRow('acme/gpt', id('3'))] };
    const bert = model('bert');
    assert.deepEqual(of(bert, [], listed), []);
    const before = record({ folder: 'bert', commit: EARLIER });
    const current = currentPublications(bert, of(bert, [before], listed));
    assert.deepEqual(
      current.map(({ model: name }) => name),
      ['acme/bert'],
    );
  });

  it('finds snapshots of the cache by their commit, and what has no commit nowhere', () => {
    const cached: LocalModel = {
      origin: 'cache',
      model: 'acme/bert',
      commit: HEAD,
      branch: 'main',
      folder: join(ROOT, 'cache'),
    };
    assert.equal(of(cached, [], { [HEAD]: [versionRow('acme/bert', HEAD)] }).length, 1);
    assert.deepEqual(of(model('', { head: { kind: 'none' } }), [record({ repository: 'x' })]), []);
  });
});

describe('local models: what is said of a commit', () => {
  const from = { accountId: 'account', organization: 'acme', registry: 'models', model: 'acme/bert' };
  const downloaded = model('', { folder: join(ROOT, 'got'), head: { kind: 'download', commit: HEAD } });
  const known = (one: LocalModel, commit = HEAD) =>
    publicationsOf(one, {
      records: [],
      versionsOf: () => [],
      downloadedFrom: (folder) => (folder === downloaded.folder ? { ...from, commit } : undefined),
    });
  const kind = (one: LocalModel, publications = known(one), ongoing: readonly OngoingPublish[] = []) =>
    publicationState(one, publications, ongoing).kind;

  it('is not that a version of a registry is not published', () => {
    assert.equal(kind(downloaded, []), 'downloaded');
    assert.equal(kind(downloaded), 'published');
    assert.deepEqual(
      known(downloaded).map(({ model: name, version }) => [name, version]),
      [['acme/bert', HEAD]],
    );
    // Something else was downloaded there since.
    assert.equal(kind(downloaded, known(downloaded, EARLIER)), 'downloaded');
    assert.equal(kind(model(), []), 'notPublished');
  });

  it('is that it is being published, whatever it was before', () => {
    const snapshot = { repository: join(ROOT, 'repo'), folder: 'bert' };
    const publish = { plan: { snapshot } } as OngoingPublish;
    assert.equal(kind(model('bert'), [], [publish]), 'publishing');
    assert.equal(kind(model('gpt'), [], [publish]), 'notPublished');
  });

  it('is what keeps it from being published, where there is no commit', () => {
    assert.equal(kind(model('', { head: { kind: 'none' } })), 'notInGit');
    assert.equal(
      kind(model('', { head: { ...model().head, commit: undefined } as WorkspaceModel['head'] })),
      'notCommitted',
    );
  });
});

describe('local models: the active one', () => {
  const at = (folder: string, head: WorkspaceModel['head'] = model(folder).head) =>
    model(folder, { folder: join(ROOT, 'repo', folder), head });
  const other = model('', {
    folder: join(ROOT, 'second'),
    head: { ...model().head, repository: join(ROOT, 'second') } as WorkspaceModel['head'],
  });

  it('is the innermost that holds the file, then one of its repository, then the first', () => {
    const models = [at('a'), at(join('a', 'deep')), other];
    assert.equal(activeModel(models, [join(ROOT, 'repo', 'a', 'deep', 'x')]), models[1]);
    assert.equal(activeModel(models, [join(ROOT, 'second', 'x')]), other);
    assert.equal(activeModel([other, at('a')], [join(ROOT, 'repo', 'train.py')])?.name, 'repo');
    assert.equal(activeModel(models, [join(ROOT, 'elsewhere')]), models[0]);
    assert.equal(activeModel(models, []), models[0]);
  });

  it('is none that is in no repository', () => {
    assert.equal(activeModel([at('a', { kind: 'none' })], [join(ROOT, 'repo', 'a', 'x')]), undefined);
  });

  /** A model at the top of its repository: as the workspace spells its folder, and as Git does. */
  const spelled = (folder: string, repository: string): WorkspaceModel =>
    model('', { folder, head: { ...model().head, repository, folder: '' } as WorkspaceModel['head'] });

  it('is the one that holds the file, however drives, case and links are spelled', () => {
    const first = spelled('c:\\work\\first', 'C:\\work\\first');
    const second = spelled('m:\\second', 'D:\\models\\second');
    for (const places of [
      ['C:\\Work\\FIRST\\config.json'],
      ['x:\\config.json', 'c:\\work\\first\\config.json'],
    ]) {
      assert.equal(activeModel([second, first], places, 'win32'), first, places.join(' '));
    }
    for (const file of ['M:\\second\\config.json', 'd:\\Models\\second\\config.json']) {
      assert.equal(activeModel([first, second], [file], 'win32'), second, file);
    }
    const [one, other] = [
      spelled('/tmp/one', '/private/tmp/one'),
      spelled('/Users/ada/Zwei', '/Users/ada/zwei'),
    ];
    assert.equal(activeModel([one, other], ['/users/Ada/ZWEI/x'], 'darwin'), other);
    assert.equal(activeModel([other, one], ['/private/tmp/One/x'], 'darwin'), one);
    assert.equal(activeModel([other, one], ['/private/tmp/one/x'], 'linux'), one);
    assert.equal(activeModel([one, other], ['/users/Ada/ZWEI/x'], 'linux'), one);
  });
});

describe('local models: paths that tell of HEAD', () => {
  it('names the repository for the files that a commit, a checkout or git init writes', () => {
    for (const path of [
      '/w/m/.git',
      '/w/m/.git/HEAD',
      '/w/m/.git/logs/HEAD',
      '/w/m/.git/refs/heads/feature/x',
      '/w/m/.git/packed-refs',
      '/w/m/.git/reftable/tables.list',
      '/w/m/.git/worktrees/t/HEAD',
    ]) {
      assert.equal(repositoryOfHeadFile(path), '/w/m', path);
    }
    assert.equal(repositoryOfHeadFile('C:\\w\\m\\.git\\logs\\HEAD'), 'C:\\w\\m');
  });

  it('passes over everything else', () => {
    for (const path of [
      '/w/m/HEAD',
      '/w/m/.git/HEAD.lock',
      '/w/m/.git/refs/heads/main.lock',
      '/w/m/.git/index',
      '/w/m/.git/objects/ab/cd',
      '/w/m/.gitattributes',
    ]) {
      assert.equal(repositoryOfHeadFile(path), undefined, path);
    }
    assert(isInGitFolder('/w/m/.git/objects/ab') && isInGitFolder('C:\\m\\.git'));
    assert(!isInGitFolder('/w/m/.github/x') && !isInGitFolder('/w/m.git/x'));
  });

  it('tells folders from those of longer names', () => {
    assert(isWithin(join(ROOT, 'a', 'b'), join(ROOT, 'a')));
    assert(isWithin(join(ROOT, 'a'), join(ROOT, 'a')));
    assert(isWithin(ROOT, sep));
    assert(!isWithin(join(ROOT, 'ab'), join(ROOT, 'a')));
  });
});

describe('local models: work that is asked for often', () => {
  it('runs once more for all that asked meanwhile, and never twice at a time', async () => {
    const ends: (() => void)[] = [];
    let atATime = 0;
    const ask = coalesced(async () => {
      atATime += 1;
      assert.equal(atATime, 1);
      await new Promise<void>((resolve) => ends.push(resolve));
      atATime -= 1;
    });
    const first = ask();
    const second = ask();
    const third = ask();
    assert.equal(ends.length, 1);
    ends[0]?.();
    await first;
    const begun = () => ends.length;
    while (begun() < 2) await Promise.resolve();
    ends[1]?.();
    await Promise.all([second, third]);
    assert.equal(begun(), 2);
    const again = ask();
    ends[2]?.();
    await again;
    assert.equal(begun(), 3);
  });

  it('gathers for a while before each run, which is for all that asked until then', async () => {
    let runs = 0;
    const ask = coalesced(() => {
      runs += 1;
      return Promise.resolve();
    }, 1);
    await Promise.all([ask(), ask(), ask()]);
    assert.equal(runs, 1);
    await ask();
    assert.equal(runs, 2);
  });

  it('goes on after a run that failed', async () => {
    let runs = 0;
    const ask = coalesced(() => {
      runs += 1;
      return runs === 1 ? Promise.reject(new Error('once')) : Promise.resolve();
    });
    const first = ask();
    const second = ask();
    await assert.rejects(first, /once/);
    await second;
    assert.equal(runs, 2);
  });
});
