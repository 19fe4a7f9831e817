import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { confirmItems } from '../../../src/editor/confirmItems.ts';
import type { BuildRow } from '../../../src/editor/publishes/rows.ts';
import { treeItem } from '../../../src/editor/registries/treeItem.ts';
import type { BuildState } from '../../registry/pipelines.ts';
import { scratch, type Repository } from '../../unit/snapshot/repositories.ts';
import { localRegistry } from '../localRegistry.ts';
import { openedInGitExtension } from '../openInGitExtension.ts';
import type { Script, ScriptedPrompts, SearchBox } from '../scriptedPrompts.ts';
import { until } from '../../setup/until.ts';
import { signIn, signOutOfAll, testAccess, useLocalRegistry, withPrompts } from '../testAccess.ts';

const BROWSING = ['read_user', 'read_organizations', 'read_registries', 'read_packages'];
/** Nothing that publishes from here: the agent of the build has a token of its own. */
const BUILDING = [...BROWSING, 'read_pipelines', 'read_builds', 'write_builds'];

describe('publishing with a build', () => {
  const openInGitExtension = openedInGitExtension();
  const temporary = scratch();
  let count = 0;
  /** A pipeline that no other test builds. */
  let pipeline = { slug: '', name: '' };
  let organization = '';

  before(async () => {
    ({ organization } = localRegistry());
    await useLocalRegistry();
  });
  beforeEach(async () => {
    count += 1;
    pipeline = { slug: `publish-${count}`, name: `Publish ${count}` };
    await signOutOfAll();
    await signIn(localRegistry().addToken({ scopes: BUILDING }));
  });
  afterEach(() => localRegistry().clearFaults());
  after(signOutOfAll);

  /** A committed model whose remote the pipeline builds. */
  const model = ({ isPushed = true } = {}): { readonly made: Repository; readonly remote: string } => {
    const made = temporary.repository();
    made.write('config.json', '{"model_type":"test"}\n');
    made.commit('Train the model');
    const remote = `${temporary.folder()}/bert.git`;
    made.git('init', '--quiet', '--bare', remote);
    made.git('remote', 'add', 'origin', remote);
    made.git('push', '--quiet', '-u', 'origin', 'main');
    if (!isPushed) {
      made.write('config.json', '{"model_type":"better"}\n');
      made.commit('Train it longer');
    }
    localRegistry().addPipeline(organization, { name: pipeline.name, repository: remote });
    return { made, remote };
  };

  const build = async (argument: unknown, script: Script = {}): Promise<ScriptedPrompts> => {
    const answers: Script = {
      ...script,
      pick: { 'buildPublish.registry': 'models', ...script.pick },
      input: { 'buildPublish.model': ['acme/bert'], ...script.input },
      confirm: { 'buildPublish.summary': true, ...script.confirm },
      search: { 'buildPublish.pipeline': choosing(), ...script.search },
    };
    const { prompts } = await withPrompts(answers, async () => {
      await vscode.commands.executeCommand('modelRegistries.publishWithBuild', argument);
    });
    return prompts;
  };
  const choosing = () => async (box: SearchBox) => {
    await box.idle();
    return pipeline.name;
  };
  const ids = (prompts: ScriptedPrompts) => prompts.asked.map(({ id }) => id);
  const builds = () => localRegistry().builds.of(organization, pipeline.slug);
  /** Agents that take the build one state further each time it was looked at. */
  const agents = (...states: readonly (BuildState | 'blocked')[]) => {
    const coming = [...states];
    const said: string[] = [];
    return {
      said,
      progress: {
        'build.progress': (_cancel: () => void, message: string | undefined) => {
          if (message === undefined) return;
          said.push(message.replace(/ · .*/, ''));
          const next = coming.shift();
          if (next === undefined) return;
          const [state, blocked] = next === 'blocked' ? (['passed', true] as const) : [next, false];
          localRegistry().builds.setState(organization, pipeline.slug, 1, state, { blocked });
        },
      },
    };
  };

  /** Creates a build whose window goes while it waits for an agent. */
  const buildAndLeave = async ({ path }: Repository): Promise<void> => {
    const { builds: watching } = await testAccess();
    const prompts = await build(vscode.Uri.file(path), {
      progress: {
        'build.progress': (_cancel, message) => {
          if (message !== undefined) watching.dispose();
        },
      },
    });
    assert.equal(ids(prompts).at(-1), 'build.progress');
  };
  /** Whether this window watches a build: then it offers what can be done with it. */
  const isWatching = async (asked: ScriptedPrompts): Promise<boolean> => {
    const before = asked.of('build.actions').length;
    await vscode.commands.executeCommand('modelRegistries.showBuild');
    return asked.of('build.actions').length > before;
  };
  /** Comes back to the workspace. Whether a build is watched then. */
  const watchesAgain = async (): Promise<boolean> => {
    const { builds: watching } = await testAccess();
    return (
      await withPrompts({}, (asked) => {
        watching.resume();
        return isWatching(asked);
      })
    ).result;
  };
  /** Lets no look at the build be answered before what is returned is called. */
  const holdLooks = (): (() => void) => {
    let answer: () => void = () => undefined;
    const until = new Promise<void>((resolve) => (answer = resolve));
    const path = new RegExp(`/${pipeline.slug}/builds/1`);
    localRegistry().inject({ path, fault: { kind: 'hold', until }, times: Infinity });
    return answer;
  };
  /** How often the server was asked for the build. */
  const looks = () =>
    localRegistry().requests.filter(
      ({ method, path }) => method === 'GET' && path.includes(`/${pipeline.slug}/builds/1`),
    ).length;

  it('takes a pushed commit from the Explorer to the end of a build @oldest', async () => {
    const { made } = model();
    const { said, progress } = agents('running', 'passed');
    const prompts = await build(vscode.Uri.file(made.path), { progress });

    assert.deepEqual(ids(prompts), [
      'buildPublish.head',
      'buildPublish.registry',
      'buildPublish.model',
      'buildPublish.pipeline',
      'buildPublish.summary',
      'buildPublish.create',
      'build.progress',
      'build.passed',
    ]);
    const [created] = builds();
    assert.equal(created?.commit, made.head());
    assert.equal(created.branch, 'main');
    assert.deepEqual(created.env, { MODEL_ID: 'acme/bert', MODEL_REGISTRY: 'acme/models' });
    assert.deepEqual(said, ['Waiting for an agent', 'Running', 'Passed']);
    assert.match(
      prompts.of('build.passed')[0]?.text ?? '',
      new RegExp(`^Build 1 of ${pipeline.name} passed.*acme/bert`),
    );
    assert.deepEqual(prompts.of('build.passed')[0]?.choices, ['show', 'openInBrowser']);
  });

  it('says before the build what is built, for whom, and what stays behind', async () => {
    const { made } = model();
    made.write('notes.txt', 'later');
    const prompts = await build(vscode.Uri.file(made.path), { confirm: { 'buildPublish.summary': false } });
    const said = prompts.of('buildPublish.summary')[0]?.text ?? '';
    for (const line of [
      `Publish acme/bert with the pipeline ${pipeline.name}?`,
      `Pipeline: ${pipeline.name} (${organization}/${pipeline.slug})`,
      `Commit: ${made.head().slice(0, 7)} Train the model`,
      'Branch: main',
      'Destination: acme/bert in acme/models',
      '  MODEL_ID=acme/bert',
      '  MODEL_REGISTRY=acme/models',
      'Not committed, and therefore not built:',
      '  notes.txt',
    ]) {
      assert(said.split('\n').includes(line), `${line} is not in\n${said}`);
    }
    assert(!said.includes('another repository'));
    assert.deepEqual(builds(), []);
  });

  it('offers to push a commit that is not pushed, and goes on once it is @oldest', async () => {
    const { made, remote } = model({ isPushed: false });
    await openInGitExtension(made.path);
    const head = made.head();
    const { progress } = agents('passed');
    const prompts = await build(vscode.Uri.file(made.path), {
      progress,
      notify: { 'buildPublish.unpushed': 'push' },
    });
    assert.match(prompts.of('buildPublish.unpushed')[0]?.text ?? '', /of main is not pushed/);
    assert.equal(prompts.of('buildPublish.unpushed').length, 1);
    assert.equal(made.git('--git-dir', remote, 'rev-parse', 'main'), head);
    assert.equal(builds()[0]?.commit, head);
  });

  it('builds nothing that is not pushed, and pushes no other repository', async () => {
    const { made } = model({ isPushed: false });
    const prompts = await build(vscode.Uri.file(made.path));
    // The editor's Git extension does not know this one, and would push the workspace's own.
    assert.deepEqual(prompts.of('buildPublish.unpushed')[0]?.choices, ['lookAgain']);
    assert.equal(ids(prompts).at(-1), 'buildPublish.unpushed');
    assert.deepEqual(builds(), []);
  });

  it('builds the branch as it is called where the pipeline gets it, and warns of another repository', async () => {
    const { made, remote } = model();
    const fork = `${temporary.folder()}/fork.git`;
    made.git('init', '--quiet', '--bare', fork);
    made.git('remote', 'add', 'fork', fork);
    made.git('push', '--quiet', '-u', 'fork', 'main:users/ada/bert');
    localRegistry().addPipeline(organization, { name: `${pipeline.name} fork`, repository: fork });
    const refuse = { 'buildPublish.summary': false };
    const summary = async (name: string) => {
      const prompts = await build(vscode.Uri.file(made.path), {
        confirm: refuse,
        search: {
          'buildPublish.pipeline': async (box) => {
            box.type(name);
            await box.idle();
            return name;
          },
        },
      });
      return prompts.of('buildPublish.summary')[0]?.text ?? '';
    };
    assert.match(await summary(`${pipeline.name} fork`), /^Branch: users\/ada\/bert$/m);
    assert.match(await summary(pipeline.name), /^Branch: main$/m);
    made.git('remote', 'set-url', 'origin', `${remote}-moved`);
    assert.match(await summary(pipeline.name), /^The pipeline seems to build another repository/m);
  });

  it('shows the pipelines of this repository first, then what is typed, and remembers the one that was used', async () => {
    const { made } = model();
    for (let index = 0; index < 3; index += 1) {
      localRegistry().addPipeline(organization, {
        name: `A${count} ${index}`,
        repository: 'git@github.com:a/b.git',
      });
    }
    const seen: (readonly string[])[] = [];
    const look = (answer: string | undefined) => async (box: SearchBox) => {
      await box.idle();
      seen.push(box.rows);
      box.type(`a${count} 2`);
      await box.idle();
      seen.push(box.rows);
      box.type('no such pipeline');
      await box.idle();
      seen.push(box.rows);
      box.type('');
      await box.idle();
      return answer;
    };
    const { progress } = agents('passed');
    await build(vscode.Uri.file(made.path), {
      search: { 'buildPublish.pipeline': look(`A${count} 1`) },
      confirm: { 'buildPublish.summary': true },
      progress: {
        'build.progress': (cancel, message) => {
          if (message !== undefined)
            localRegistry().builds.setState(organization, `a${count}-1`, 1, 'passed');
          progress['build.progress'](cancel, undefined);
        },
      },
    });
    assert.equal(seen[0]?.[0], `${pipeline.name} ${pipeline.slug}`);
    assert.deepEqual(seen[1], [`A${count} 2 a${count}-2`]);
    assert.deepEqual(seen[2], [`No pipeline in ${organization} has “no such pipeline” in its name.`]);
    await build(vscode.Uri.file(made.path), { search: { 'buildPublish.pipeline': look(undefined) } });
    assert.deepEqual(seen[3]?.slice(0, 2), [`A${count} 1 a${count}-1`, `${pipeline.name} ${pipeline.slug}`]);
  });

  it('cancels the build where that is meant, and says how it ended', async () => {
    const { made } = model();
    localRegistry().builds.of(organization, pipeline.slug);
    const prompts = await build(vscode.Uri.file(made.path), {
      confirm: { 'build.cancel': true },
      progress: {
        'build.progress': (cancel, message) => {
          if (message !== undefined) cancel();
        },
      },
    });
    assert.equal(builds()[0]?.state, 'canceled');
    assert.match(prompts.of('build.canceled')[0]?.text ?? '', /was cancelled: Canceled by/);
  });

  it('goes on watching in the status bar after the notification was left, which offers the same there', async () => {
    const { made } = model();
    let shown: Promise<unknown> | undefined;
    const prompts = await build(vscode.Uri.file(made.path), {
      pick: { 'build.actions': 'Open in Browser' },
      progress: {
        'build.progress': (cancel, message) => {
          if (message === undefined || shown) return;
          cancel();
          shown = (async () => {
            await vscode.commands.executeCommand('modelRegistries.showBuild');
            localRegistry().builds.setState(organization, pipeline.slug, 1, 'failed');
          })();
        },
      },
    });
    await shown;
    assert.equal(prompts.of('build.cancel').length, 1);
    assert.deepEqual(prompts.of('build.actions')[0]?.choices, [
      'Open in Browser',
      'Cancel Build',
      'Stop Watching',
    ]);
    assert.deepEqual(prompts.opened, [`${localRegistry().webUrl}/${organization}/${pipeline.slug}/builds/1`]);
    assert.equal(builds()[0]?.state, 'failed');
    assert.match(prompts.of('build.failed')[0]?.text ?? '', /failed/);
  });

  it('is a row of Publishes while it runs and when it ended, where it is cancelled, retried and removed', async () => {
    const { made } = model();
    const { publishes } = await testAccess();
    const row = async () => {
      const rows = (await publishes.provider.getChildren()) ?? [];
      return rows.find(
        (one): one is BuildRow => one.kind === 'build' && one.build.build.pipeline.slug === pipeline.slug,
      );
    };
    const shown = async () => {
      const found = await row();
      const item = found && (await publishes.provider.getTreeItem(found));
      return {
        label: item?.label,
        description: String(item?.description),
        words: item?.contextValue?.split(';'),
      };
    };
    let cancelled: Promise<unknown> | undefined;
    const prompts = await build(vscode.Uri.file(made.path), {
      confirm: { 'build.cancel': true },
      progress: {
        'build.progress': (_cancel, message) => {
          if (message === undefined || cancelled) return;
          cancelled = (async () => {
            const { label, description, words } = await shown();
            assert.equal(label, 'acme/bert');
            assert.match(description, /^acme\/models · build 1 of Publish \d+: Waiting for an agent · now$/);
            assert.deepEqual(words, ['build', 'cancellableBuild']);
            await vscode.commands.executeCommand('modelRegistries.cancelBuild', await row());
          })();
        },
      },
    });
    await cancelled;
    assert.equal(prompts.of('build.canceled').length, 1);
    assert.deepEqual((await shown()).words, ['build', 'rested', 'retryable']);

    const { prompts: retried } = await withPrompts(
      {
        confirm: { 'build.retry': true },
        progress: {
          'build.progress': (_cancel, message) => {
            if (message !== undefined)
              localRegistry().builds.setState(organization, pipeline.slug, 2, 'passed');
          },
        },
      },
      async () => {
        await vscode.commands.executeCommand('modelRegistries.retryBuild', await row());
      },
    );
    const [again, first] = builds();
    assert(again && first);
    assert.deepEqual([again.commit, again.branch, again.env], [first.commit, first.branch, first.env]);
    assert.match(retried.of('build.retry')[0]?.text ?? '', /^Retry build 1 of /);
    assert.equal(retried.of('build.passed').length, 1);
    for (const words of [
      ['build', 'rested'],
      ['build', 'rested', 'retryable'],
    ]) {
      assert.deepEqual((await shown()).words, words);
      await vscode.commands.executeCommand('modelRegistries.removePublishRecord', await row());
    }
    assert.equal(await row(), undefined);
  });

  it('keeps running where its question is left by the button that says so', () => {
    const items = confirmItems({ action: 'Cancel Build', dismissal: 'Keep Running' });
    assert.deepEqual(items, [{ title: 'Cancel Build' }, { title: 'Keep Running', isCloseAffordance: true }]);
  });

  it('stops watching when asked to, and leaves the build alone', async () => {
    const { made } = model();
    const prompts = await build(vscode.Uri.file(made.path), {
      pick: { 'build.actions': 'Stop Watching' },
      progress: {
        'build.progress': (_cancel, message) => {
          if (message !== undefined) void vscode.commands.executeCommand('modelRegistries.showBuild');
        },
      },
    });
    assert.equal(ids(prompts).at(-1), 'build.actions');
    assert.equal(builds()[0]?.state, 'scheduled');
    assert.equal(await watchesAgain(), false);
  });

  it('is told how a build ended that was watched when the window went', async () => {
    const { made } = model();
    await buildAndLeave(made);
    const { builds: watching } = await testAccess();
    const from = looks();
    const answer = holdLooks();
    const { prompts } = await withPrompts({}, async (asked) => {
      watching.resume();
      // As whenever something changes about the accounts.
      watching.resume();
      assert(await isWatching(asked));
      assert.deepEqual(ids(asked), ['build.actions']);
      localRegistry().builds.setState(organization, pipeline.slug, 1, 'passed');
      answer();
      await until(() => asked.of('build.passed').length > 0, 'the build is said to have passed');
    });
    assert.deepEqual(ids(prompts), ['build.actions', 'build.passed']);
    assert.match(
      prompts.of('build.passed')[0]?.text ?? '',
      new RegExp(`^Build 1 of ${pipeline.name} passed.*acme/bert`),
    );
    assert.equal(looks() - from, 1);
    assert.equal(await watchesAgain(), false);
  });

  it('watches a build again once somebody signs in, with a new token, too', async () => {
    await signOutOfAll();
    await signIn(localRegistry().addToken({ scopes: BUILDING }));
    const { made } = model();
    await buildAndLeave(made);
    await signOutOfAll();
    assert.equal(await watchesAgain(), false);
    await signIn(localRegistry().addToken({ scopes: BUILDING }));
    const { prompts } = await withPrompts({}, async (asked) => {
      assert(await isWatching(asked));
      localRegistry().builds.setState(organization, pipeline.slug, 1, 'failed');
      await until(() => asked.of('build.failed').length > 0, 'the build is said to have failed');
    });
    assert.deepEqual(ids(prompts), ['build.actions', 'build.failed']);
    assert.equal(await watchesAgain(), false);
  });

  it('watches a build once, and on, when the token of its account is replaced meanwhile', async () => {
    const { made } = model();
    await signOutOfAll();
    await signIn(localRegistry().addToken({ scopes: BUILDING }));
    await buildAndLeave(made);
    const { builds: watching } = await testAccess();
    const from = looks();
    const answer = holdLooks();
    watching.resume();
    await until(() => looks() > from, 'the build is looked at');
    await signOutOfAll();
    await signIn(localRegistry().addToken({ scopes: BUILDING }));
    const { prompts } = await withPrompts({}, async (asked) => {
      assert(await isWatching(asked));
      localRegistry().builds.setState(organization, pipeline.slug, 1, 'passed');
      answer();
      await until(() => asked.of('build.passed').length > 0, 'the build is said to have passed');
    });
    assert.equal(looks() - from, 1);
    assert.equal(prompts.of('build.passed').length, 1);
    assert.equal(await watchesAgain(), false);
  });

  it('says nothing of a build that went while no window watched it, and forgets it', async () => {
    const { made } = model();
    await buildAndLeave(made);
    const { builds: watching } = await testAccess();
    const path = new RegExp(`/${pipeline.slug}/builds/1`);
    localRegistry().inject({ path, fault: { kind: 'status', status: 404 } });
    const answer = holdLooks();
    const { prompts } = await withPrompts({}, async (asked) => {
      watching.resume();
      assert(await isWatching(asked));
      answer();
      await until(async () => !(await isWatching(asked)), 'the build is forgotten');
    });
    assert(prompts.asked.every(({ id }) => id === 'build.actions'));
    assert.equal(await watchesAgain(), false);
  });

  it('says that a build is blocked, and watches it further where that is wanted', async () => {
    const { made } = model();
    const { progress } = agents('blocked', 'blocked', 'passed');
    const prompts = await build(vscode.Uri.file(made.path), {
      progress,
      notify: { 'build.blocked': 'watchOn' },
    });
    assert.match(prompts.of('build.blocked')[0]?.text ?? '', /waits for someone to unblock it/);
    assert.deepEqual(prompts.of('build.blocked')[0]?.choices, ['openInBrowser', 'watchOn']);
    assert.equal(ids(prompts).at(-1), 'build.passed');
    assert.equal(builds().length, 1);
  });

  it('tells why no build was created, and never builds twice for a lost answer', async () => {
    const { made, remote } = model();
    const guarded = `Guarded ${count}`;
    localRegistry().addPipeline(organization, { name: guarded, repository: remote, branches: 'release/*' });
    const refused = await build(vscode.Uri.file(made.path), {
      search: {
        'buildPublish.pipeline': async (box) => {
          await box.idle();
          return guarded;
        },
      },
    });
    await until(() => refused.of('failure').length > 0, 'the refusal is told');
    assert.match(refused.of('failure')[0]?.text ?? '', /branch filter does not build the branch main/);

    localRegistry().inject({ method: 'POST', path: /\/builds$/, fault: { kind: 'loseAnswer' } });
    const lost = await build(vscode.Uri.file(made.path), {
      notify: { 'buildPublish.unknown': 'openInBrowser' },
    });
    assert.equal(ids(lost).at(-1), 'buildPublish.unknown');
    assert.deepEqual(lost.opened, [`${localRegistry().webUrl}/${organization}/${pipeline.slug}`]);
    assert.equal(builds().length, 1);
  });

  it('names the scopes that the token lacks, and opens the page that makes one', async () => {
    await signOutOfAll();
    await signIn(localRegistry().addToken({ scopes: [...BROWSING, 'read_pipelines'] }));
    const { made } = model();
    const prompts = await build(vscode.Uri.file(made.path), {
      notify: { 'buildPublish.scopes': 'tokenPage' },
    });
    assert.match(prompts.of('buildPublish.scopes')[0]?.text ?? '', /scopes write_builds, read_builds, which/);
    const scopes = new URL(prompts.opened[0] ?? '').searchParams.getAll('scopes[]');
    assert(['read_pipelines', 'read_builds', 'write_builds'].every((scope) => scopes.includes(scope)));
    assert.deepEqual(ids(prompts), ['buildPublish.scopes']);
  });

  it('is offered on rows of accounts that may build, and takes registry and model from them', async () => {
    const { made } = model();
    const [session] = (await testAccess()).sessions.all;
    assert(session);
    const registry = await session.host.listing.registry(
      organization,
      localRegistry().registry,
      new AbortController().signal,
    );
    const row = { kind: 'model', session, registry, model: 'acme/other' } as const;
    const surroundings = {
      now: new Date(),
      locale: 'en',
      webUrl: undefined,
      showAccounts: false,
      apiHost: undefined,
      publishing: 'possible',
      detailsOf: () => ({ head: false, subject: undefined, origin: undefined, files: undefined }),
      startsUnfolded: () => false,
    } as const;
    const words = (owner: typeof session) =>
      treeItem({ ...row, session: owner }, surroundings).contextValue?.split(';') ?? [];
    assert(words(session).includes('buildable'));
    assert(!words({ ...session, may: (action) => action !== 'createBuild' }).includes('buildable'));

    const request = {
      kind: 'publishRequest',
      folder: made.path,
      place: { session, registry },
      model: 'acme/other',
    };
    const prompts = await build(request, {
      input: { 'buildPublish.model': ['acme/other'] },
      confirm: { 'buildPublish.summary': false },
    });
    assert.equal(prompts.of('buildPublish.registry').length, 0);
    assert.match(
      prompts.of('buildPublish.summary')[0]?.text ?? '',
      /^Destination: acme\/other in acme\/models$/m,
    );
  });
});
