import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import * as vscode from 'vscode';
import type { GitObjectId } from '../../../src/core/objectIds.ts';
import type { RegistriesTree } from '../../../src/editor/registries/registriesView.ts';
import type { ModelRow, RegistryRow, Row, VersionRow } from '../../../src/editor/rows.ts';
import { CONTEXT_WORDS } from '../../../src/editor/registries/contextWords.ts';
import type { Surroundings } from '../../../src/editor/registries/surroundings.ts';
import { treeItem } from '../../../src/editor/registries/treeItem.ts';
import { webPage } from '../../../src/editor/registries/webPage.ts';
import type { Fault } from '../../registry/registry.ts';
import { workspaceFolder } from '../inWorkspace.ts';
import { localRegistry } from '../localRegistry.ts';
import { inGitExtension } from '../openInGitExtension.ts';
import { until } from '../../setup/until.ts';
import { setting, signIn, signOutOfAll, testAccess, useLocalRegistry, withPrompts } from '../testAccess.ts';

const README = '# A model\n';

/** Nothing special around a row but what `changes` say. */
function surroundings(changes: Partial<Surroundings>): Surroundings {
  return {
    now: new Date(),
    locale: 'en',
    showAccounts: false,
    publishing: 'possible',
    detailsOf: () => ({ head: false, subject: undefined, origin: undefined, files: undefined }),
    startsUnfolded: () => false,
    ...changes,
  };
}

describe('the Registries view', () => {
  let tree: RegistriesTree;

  const children = async (row?: Row) => (await tree.provider.getChildren(row))!;
  const itemOf = (row: Row) => tree.provider.getTreeItem(row) as vscode.TreeItem;
  const labelOf = (row: Row) => itemOf(row).label as string;
  const labels = async (row?: Row) => (await children(row)).map(labelOf);
  const words = (row: Row) => itemOf(row).contextValue?.split(';') ?? [];
  /** Walks down the rows of those labels. */
  const walk = async (...path: string[]): Promise<Row> => {
    let row: Row | undefined;
    for (const label of path) {
      const below = await children(row);
      row = below.find((child) => labelOf(child) === label);
      assert(row, `${label} is not among ${below.map(labelOf).join(', ')}`);
    }
    assert(row);
    return row;
  };
  /** Runs what a click on the row runs. */
  const click = async (row: Row) => {
    const { command } = itemOf(row);
    assert(command);
    await vscode.commands.executeCommand(command.command, ...((command.arguments ?? []) as unknown[]));
  };
  const requestsDuring = async (task: () => Promise<unknown>) => {
    const { requests } = localRegistry();
    const before = requests.length;
    await task();
    return requests.slice(before).map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`);
  };

  before(async () => {
    tree = (await testAccess()).registries;
    await useLocalRegistry();
  });
  beforeEach(async () => {
    await vscode.commands.executeCommand('workbench.view.explorer');
    await signOutOfAll();
  });
  afterEach(async () => {
    localRegistry().clearFaults();
    await signOutOfAll();
  });

  it('has no rows while nobody is signed in', async () => {
    assert.deepEqual(await children(), []);
  });

  it('loads nothing while it is hidden, and the organizations once it is shown @oldest', async () => {
    const hidden = await requestsDuring(async () => {
      await signIn(localRegistry().token);
      await vscode.commands.executeCommand('modelRegistries.refresh');
      await vscode.commands.executeCommand('workbench.view.scm');
    });
    assert.deepEqual(hidden, ['GET /v2/access-token']);
    const shown = await requestsDuring(async () => {
      await vscode.commands.executeCommand('modelRegistries.registries.focus');
      await until(
        () => localRegistry().requests.at(-1)?.path.startsWith('/v2/organizations') ?? false,
        'the view asks for the organizations',
      );
    });
    assert.deepEqual(shown, ['GET /v2/organizations']);
  });

  it('goes from organizations to files with one request for each expansion @oldest', async () => {
    const registry = localRegistry();
    const { slug } = registry.addRegistry(registry.organization, 'Walked', 'huggingface');
    const commit = await registry.addModelVersion(registry.organization, slug, 'acme/walked', {
      'README.md': README,
      'weights/first part.safetensors': Buffer.alloc(2048),
      'weights/deep/config.json': '{}',
      '.gitattributes': '*.safetensors filter=lfs diff=lfs merge=lfs -text\n',
    });
    await signIn(registry.token);
    const steps: (() => Promise<unknown>)[] = [];
    let row: Row | undefined;
    const step = (find: (rows: readonly Row[]) => Row | undefined) =>
      steps.push(async () => {
        row = find(await children(row));
        assert(row);
      });
    step((rows) =>
      rows.find((one) => one.kind === 'organization' && one.organization.slug === registry.organization),
    );
    step((rows) => rows.find((one) => one.kind === 'registry' && one.registry.slug === slug));
    step((rows) => rows.find((one) => one.kind === 'model' && one.model === 'acme/walked'));
    step((rows) => rows.find((one) => one.kind === 'version' && one.version.commit === commit));
    for (const one of steps) assert.equal((await requestsDuring(one)).length, 1);
    assert.equal(row && labelOf(row), commit.slice(0, 7));
    assert.equal(row && itemOf(row).description, 'now');
    const files = await requestsDuring(async () => {
      assert.deepEqual(await labels(row), ['weights', '.gitattributes', 'README.md']);
    });
    assert.equal(files.length, 1);
    const inside = await requestsDuring(async () => {
      const [weights] = await children(row);
      assert.deepEqual(await labels(weights), ['deep', 'first part.safetensors']);
      const [deep, part] = await children(weights);
      assert.deepEqual(await labels(deep), ['config.json']);
      assert.equal(part && itemOf(part).description, '2.05 kB · LFS');
    });
    assert.deepEqual(inside, []);
  });

  it('lists registries of other ecosystems after those of models, greyed and closed, unless a setting hides them', async () => {
    const registry = localRegistry();
    registry.addOrganization('shelves', 'Shelves');
    const wheels = registry.addRegistry('shelves', 'Wheels', 'python').slug;
    await signIn(registry.token);
    assert.deepEqual(await labels(await walk('Shelves')), ['No Hugging Face registries', 'Wheels']);
    const other = await walk('Shelves', 'Wheels');
    const item = itemOf(other);
    assert.equal(item.collapsibleState, vscode.TreeItemCollapsibleState.None);
    assert.equal((item.iconPath as vscode.ThemeIcon).color?.id, 'list.deemphasizedForeground');
    assert.match(item.description as string, /^python/);
    assert.deepEqual(words(other), ['otherRegistry', 'web']);
    const { prompts } = await withPrompts({}, async () => {
      await vscode.commands.executeCommand('modelRegistries.openInBrowser', other);
    });
    assert.match(prompts.opened[0] ?? '', new RegExp(`shelves.*${wheels}`));

    registry.addRegistry('shelves', 'Shelf', 'huggingface');
    tree.refresh(await walk('Shelves'));
    assert.deepEqual(await labels(await walk('Shelves')), ['Shelf', 'Wheels']);
    assert.deepEqual(await labels(await walk('Shelves', 'Shelf')), ['No models yet']);
    const silent = await requestsDuring(async () => {
      try {
        await setting('showOtherRegistries', false);
        assert.deepEqual(await labels(await walk('Shelves')), ['Shelf']);
      } finally {
        await setting('showOtherRegistries', undefined);
      }
      assert.deepEqual(await labels(await walk('Shelves')), ['Shelf', 'Wheels']);
    });
    assert.deepEqual(silent, []);
  });

  it('offers the way out of what is empty, as far as the token and the workspace allow it', async () => {
    const registry = localRegistry();
    registry.addOrganization('void', 'Void');
    await signIn(registry.token);
    const organization = await walk('Void');
    const [none] = await children(organization);
    assert(none);
    assert.equal(itemOf(none).command?.command, 'modelRegistries.createRegistry');
    assert.deepEqual(itemOf(none).command?.arguments, [organization]);
    registry.addRegistry('void', 'Shelf', 'huggingface');
    tree.refresh(organization);
    const shelf = await walk('Void', 'Shelf');
    const [empty] = await children(shelf);
    assert(empty?.kind === 'empty');
    assert.equal(itemOf(empty).command?.command, 'modelRegistries.publish');
    assert.deepEqual(itemOf(empty).command?.arguments, [shelf]);
    const inWorkspace = (publishing: Surroundings['publishing']) =>
      treeItem(empty, surroundings({ publishing }));
    assert.equal(inWorkspace('restricted').command?.command, 'workbench.trust.manage');
    // What comes from another hub needs no folder.
    assert.equal(inWorkspace('virtual').command?.command, 'modelRegistries.importModel');
    assert.deepEqual(inWorkspace('virtual').command?.arguments, [shelf]);

    await signOutOfAll();
    await signIn(registry.readOnlyToken);
    const [reader] = await children(await walk('Void', 'Shelf'));
    assert(reader);
    assert.equal(itemOf(reader).command, undefined);
  });

  it('shows a registry with its emoji, who can see it and what it is for', async () => {
    const registry = localRegistry();
    registry.addOrganization('decorated', 'Decorated');
    const answer = (fields: object) => ({
      path: /decorated\/registries/,
      fault: {
        kind: 'status' as const,
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify([
          { id: 'r1', slug: 'shelf', name: 'Shelf', ecosystem: 'huggingface', ...fields },
        ]),
      },
    });
    await signIn(registry.token);
    const shown = async (fields: object) => {
      registry.inject(answer(fields));
      tree.refresh(await walk('Decorated'));
      const [row] = await children(await walk('Decorated'));
      assert(row);
      const { label, description, tooltip } = itemOf(row);
      assert.equal(typeof tooltip, 'string');
      return [label, description];
    };
    assert.deepEqual(await shown({ emoji: ':hugging_face:', public: true, description: 'Language models' }), [
      '🤗 Shelf',
      'public · Language models',
    ]);
    assert.deepEqual(await shown({ emoji: '🚀', public: false }), ['🚀 Shelf', 'private']);
    assert.deepEqual(await shown({ emoji: ':our-own-logo:' }), ['Shelf', undefined]);
    assert.deepEqual(await shown({ emoji: '$(alert)' }), ['Shelf', undefined]);
  });

  it('gives every row an id of its own and known words in order', async () => {
    // What the registry was seeded with, and nothing that other tests publish.
    const organizations = ['tyrell-research', 'rossum_robotics'];
    await signIn(
      localRegistry().addToken({
        scopes: ['read_organizations', 'read_registries', 'read_packages'],
        organizations,
      }),
    );
    const ids = new Set<string>();
    let count = 0;
    const visit = async (row?: Row): Promise<void> => {
      for (const child of await children(row)) {
        count++;
        ids.add(itemOf(child).id ?? '');
        assert.deepEqual(words(child), [...words(child)].sort());
        assert(words(child).every((word) => CONTEXT_WORDS.some((known) => known === word)));
        await visit(child);
      }
    };
    await visit();
    assert(count > 20);
    assert.equal(ids.size, count);
  });

  it('offers on each row what can be done with it', async () => {
    const registry = localRegistry();
    await signIn(registry.token);
    const rows = await children();
    const own = rows.find(
      (row) => row.kind === 'organization' && row.organization.slug === registry.organization,
    );
    const [shelf] = await children(own);
    const [model] = await children(shelf);
    const [version] = await children(model);
    assert(own && shelf && model && version);
    assert.deepEqual(words(own), ['creatable', 'organization', 'web']);
    const onRegistry = [
      'buildable',
      'copyable',
      'deletable',
      'describable',
      'importable',
      'instructable',
      'policy',
      'publishable',
      'registry',
      'tokens',
      'web',
    ];
    assert.deepEqual(words(shelf), onRegistry);
    assert.deepEqual(words(model), [
      'buildable',
      'comparable',
      'copyable',
      'downloadable',
      'instructable',
      'model',
      'presentable',
      'publishable',
    ]);
    const onVersion = [
      'comparable',
      'copyable',
      'deletable',
      'downloadable',
      'instructable',
      'presentable',
      'sha',
      'version',
      'web',
    ];
    assert.deepEqual(words(version), onVersion);
    const files = await children(version);
    assert(files.filter(({ kind }) => kind === 'file').every((file) => words(file).includes('openable')));

    await signOutOfAll();
    await signIn(registry.readOnlyToken);
    const read = await walk(labelOf(own), labelOf(shelf));
    const without = ['buildable', 'deletable', 'describable', 'importable', 'policy', 'publishable'];
    assert.deepEqual(
      words(read),
      onRegistry.filter((word) => !without.includes(word)),
    );
    assert(!words(await firstVersion()).includes('deletable'));
  });

  it('copies the whole commit and opens the page of a row', async () => {
    const registry = localRegistry();
    await signIn(registry.token);
    const version = await firstVersion();
    const { prompts } = await withPrompts({}, async () => {
      await vscode.commands.executeCommand('modelRegistries.copySha', version);
      await vscode.commands.executeCommand('modelRegistries.openInBrowser', version);
    });
    assert.deepEqual(prompts.copied, [version.version.commit]);
    assert.equal(prompts.opened.length, 1);
    assert.equal(new URL(prompts.opened[0] ?? '').origin, new URL(registry.webUrl).origin);
  });

  it('opens no page of another site or of another kind', async () => {
    const { version, ...row } = await (async () => {
      await signIn(localRegistry().token);
      return firstVersion();
    })();
    const pageAt = (address: string) =>
      webPage({ ...row, version: { ...version, webUrl: new URL(address) } });
    const { hostname, port, origin } = row.session.service.webUrl;
    assert(pageAt(`${origin}/organizations/acme`));
    for (const address of [
      `http://${hostname}.example.com:${port}/`,
      `https://${hostname}:${port}/`,
      `http://${hostname}:1/`,
      'command:workbench.action.quit',
      'file:///etc/passwd',
    ]) {
      assert.equal(pageAt(address), undefined, address);
    }
  });

  it('shows names letter for letter', async () => {
    const name = '$(alert) **bold** [click](command:workbench.action.quit) <b>';
    localRegistry().addOrganization('odd', name);
    await signIn(localRegistry().token);
    const row = (await children()).find(
      (one) => one.kind === 'organization' && one.organization.slug === 'odd',
    );
    assert(row);
    const { label, tooltip } = itemOf(row);
    assert.equal(label, name);
    assert(typeof tooltip === 'string' && tooltip.includes(name));
  });

  it('loads the next page on demand, keeps its rows when that fails, and tries again', async () => {
    const registry = localRegistry();
    const { slug } = registry.addRegistry(registry.organization, 'Paged', 'huggingface');
    const path = `/v2/packages/organizations/${registry.organization}/registries/${slug}/packages`;
    const page = (numbers: readonly number[], next?: string) => ({
      kind: 'status' as const,
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        items: numbers.map((number) => ({
          id: `package-${number}`,
          name: `acme/model-${number}`,
          version: String(number).repeat(40),
        })),
        links: next === undefined ? {} : { next: `${new URL(registry.apiUrl).origin}${path}?after=${next}` },
      }),
    });
    registry.inject({ path: new RegExp(`${slug}/packages\\?(?!.*after)`), fault: page([1, 2], 'two') });
    registry.inject({ path: /after=two/, fault: { kind: 'status', status: 404 } });
    await signIn(registry.token);
    const organization = (await children()).find(
      (row) => row.kind === 'organization' && row.organization.slug === registry.organization,
    );
    const row = (await children(organization)).find(
      (one): one is RegistryRow => one.kind === 'registry' && one.registry.slug === slug,
    );
    assert(row);
    const more = 'Load more (2 shown)';
    assert.deepEqual(await labels(row), ['acme/model-1', 'acme/model-2', more]);
    await click((await children(row)).at(-1)!);
    assert.deepEqual(await labels(row), ['acme/model-1', 'acme/model-2', 'Not found']);
    registry.inject({ path: /after=two/, fault: page([2, 3]) });
    await click((await children(row)).at(-1)!);
    assert.deepEqual(await labels(row), ['acme/model-1', 'acme/model-2', 'acme/model-3']);
  });

  it('tells what went wrong in the row itself, without a notification', async () => {
    const registry = localRegistry();
    registry.inject({ path: /^\/v2\/organizations/, fault: { kind: 'status', status: 404 } });
    await signIn(registry.token);
    const { prompts } = await withPrompts({}, async () => {
      const [row] = await children();
      assert(row?.kind === 'failed');
      assert.equal(labelOf(row), 'Not found');
      assert.match(itemOf(row).description as string, /^Try again · .+/);
      await click(row);
      assert((await children()).every(({ kind }) => kind === 'organization'));
    });
    assert.deepEqual(prompts.asked, []);
  });

  it('has its own words for each way of failing', async () => {
    const registry = localRegistry();
    await signIn(registry.token);
    const { host } = new URL(registry.apiUrl);
    const failing = async (...faults: readonly Fault[]) => {
      for (const fault of faults) registry.inject({ path: /^\/v2\/organizations/, fault, times: Infinity });
      tree.refresh();
      const rows = await children();
      registry.clearFaults();
      const row = rows.at(-1);
      assert(row?.kind === 'failed');
      const { label, command, tooltip } = itemOf(row);
      assert(typeof tooltip === 'string' && tooltip.startsWith(row.failure.message));
      return [label, command?.command];
    };
    const retry = 'modelRegistries.retry';
    assert.deepEqual(await failing({ kind: 'resetRequest', afterBytes: 0 }), [
      `No connection to ${host}`,
      retry,
    ]);
    assert.deepEqual(await failing({ kind: 'status', status: 500 }), [`Error on ${host}`, retry]);
    assert.deepEqual(await failing({ kind: 'status', status: 403 }), [
      'Not permitted',
      'modelRegistries.signIn',
    ]);
    assert.deepEqual(await failing({ kind: 'status', status: 200, body: '<html>' }), [
      `Unexpected answer from ${host}`,
      retry,
    ]);
    tree.refresh();
    assert((await children()).every(({ kind }) => kind === 'organization'));
  });

  it('says until when a server asks to wait, and tries again by itself then', async () => {
    const registry = localRegistry();
    await signIn(registry.token);
    registry.inject({
      path: /^\/v2\/organizations/,
      fault: { kind: 'status', status: 429, headers: { 'retry-after': '1' } },
    });
    tree.refresh();
    await vscode.commands.executeCommand('modelRegistries.registries.focus');
    const [row] = await children();
    assert(row?.kind === 'failed');
    assert.match(labelOf(row), / asks to wait until \d+:\d\d/);
    assert.match(itemOf(row).description as string, /^Retries by itself · /);
    const asked = registry.requests.length;
    await until(
      () => registry.requests.slice(asked).some(({ path }) => path.startsWith('/v2/organizations')),
      'the organizations are asked for again',
    );
    await until(
      async () => (await children()).every(({ kind }) => kind === 'organization'),
      'the organizations are there again',
    );
  });

  it('opens with two requests where there is one organization, which unfolds by itself', async () => {
    const registry = localRegistry();
    const own = `GET /v2/packages/organizations/${registry.organization}/registries`;
    await signIn(
      registry.addToken({
        scopes: ['read_organizations', 'read_registries', 'read_packages'],
        organizations: [registry.organization],
      }),
    );
    const requests = await requestsDuring(async () => {
      await vscode.commands.executeCommand('modelRegistries.registries.focus');
      await until(
        () => registry.requests.at(-1)?.path.endsWith('/registries') ?? false,
        'the registries are asked for',
      );
    });
    assert.deepEqual(requests, ['GET /v2/organizations', own]);
  });

  it('leaves the words to the welcome where the only account belongs to no organization', async () => {
    const registry = localRegistry();
    const scopes = ['read_organizations', 'read_registries', 'read_packages'];
    registry.inject({
      path: /^\/v2\/organizations/,
      fault: { kind: 'status', status: 200, headers: { 'content-type': 'application/json' }, body: '[]' },
      times: 2,
    });
    await signIn(registry.addToken({ scopes }));
    assert.deepEqual(await children(), []);
    await signIn(registry.addToken({ scopes, user: { name: 'Joan', email: 'joan@example.com' } }));
    tree.refresh();
    assert((await labels()).includes('The token belongs to no organization'));
  });

  it('shows only the models of a registry that a filter asks the server for, and all again without it', async () => {
    const registry = localRegistry();
    const { slug } = registry.addRegistry(registry.organization, 'Filtered', 'huggingface');
    for (const model of ['acme/one', 'acme/two', 'other/three']) {
      await registry.addModelVersion(registry.organization, slug, model, { 'README.md': README });
    }
    await signIn(registry.token);
    const shelf = async () => {
      const own = (await children()).find(
        (row) => row.kind === 'organization' && row.organization.slug === registry.organization,
      );
      const found = (await children(own)).find(
        (row) => row.kind === 'registry' && row.registry.slug === slug,
      );
      assert(found?.kind === 'registry');
      return found;
    };
    assert.equal((await labels(await shelf())).length, 3);
    const before = registry.requests.length;
    tree.filter(await shelf(), 'acme/');
    const filtered = await shelf();
    assert.equal(filtered.filter, 'acme/');
    assert.match(itemOf(filtered).description as string, /^filter: acme\//);
    assert(words(filtered).includes('filtered'));
    assert.deepEqual((await labels(filtered)).sort(), ['acme/one', 'acme/two']);
    const asked = registry.requests.slice(before);
    assert.equal(asked.length, 1);
    assert.match(asked[0]?.path ?? '', /[?&]name=acme%2F/);
    tree.filter(filtered, 'nothing/');
    const [empty] = await children(await shelf());
    assert(empty);
    assert.equal(labelOf(empty), 'No models with “nothing/” in their names');
    await click(empty);
    assert.equal((await shelf()).filter, undefined);
    assert.equal((await labels(await shelf())).length, 3);
  });

  describe('versions', () => {
    const description = (row: Row) => (itemOf(row).description as string | undefined) ?? '';
    const shaOf = (row: Row) => (row.kind === 'version' ? (row.version.commit ?? '').slice(0, 7) : '');
    const commitRequests = () => localRegistry().requests.filter(({ path }) => path.includes('/commits/'));
    /** A registry of its own with a model whose versions have those messages, oldest first. */
    const published = async (
      name: string,
      messages: readonly string[],
      models: readonly string[] = ['acme/told'],
    ) => {
      const registry = localRegistry();
      const { slug } = registry.addRegistry(registry.organization, name, 'huggingface');
      for (const model of models) {
        for (const [index, message] of messages.entries()) {
          const files = { 'README.md': `${README}${index}\n` };
          await registry.addModelVersion(registry.organization, slug, model, files, message);
        }
      }
      return async (model: string) => {
        const own = (await children()).find(
          (row) => row.kind === 'organization' && row.organization.slug === registry.organization,
        );
        const shelf = (await children(own)).find(
          (row) => row.kind === 'registry' && row.registry.slug === slug,
        );
        const found = (await children(shelf)).find((row) => row.kind === 'model' && row.model === model);
        assert(found);
        return found;
      };
    };

    it('tell the subject of their commit, from one request beside the list that is not repeated', async () => {
      const registry = localRegistry();
      const modelRow = await published('Told', ['First\n\nbody', 'Second $(alert) **b**', 'Third']);
      await vscode.commands.executeCommand('modelRegistries.registries.focus');
      await signIn(registry.token);
      const before = commitRequests().length;
      const row = await modelRow('acme/told');
      const versions = await children(row);
      assert.equal(versions.length, 3);
      await until(() => labelOf(versions[2]!) === 'First', 'the first version tells its subject');
      assert.deepEqual(versions.map(labelOf), ['Third', 'Second $(alert) **b**', 'First']);
      assert.deepEqual(
        versions.map(description),
        versions.map((version) => `${shaOf(version)} · now`),
      );
      await children(row);
      tree.refresh(row);
      await children(row);
      await registry.addModelVersion(
        registry.organization,
        (row as ModelRow).registry.slug,
        'acme/told',
        { 'README.md': '# Fourth' },
        'Fourth',
      );
      tree.refresh(row);
      const [newest] = await children(row);
      await until(() => labelOf(newest!) === 'Fourth', 'the newest version tells its subject');
      assert.equal(commitRequests().length - before, 2);
    });

    it('tell no subject, and ask no more, where a registry lists no commits', async () => {
      const registry = localRegistry();
      const models = ['acme/a', 'acme/b'];
      const modelRow = await published('Untold', ['Only'], models);
      registry.inject({ path: /\/commits\//, fault: { kind: 'status', status: 404 }, times: Infinity });
      await vscode.commands.executeCommand('modelRegistries.registries.focus');
      await signIn(registry.token);
      const before = commitRequests().length;
      const [first] = await children(await modelRow('acme/a'));
      await until(
        () => commitRequests().length > before && commitRequests().at(-1)?.status === 404,
        'the request for commits is answered with 404',
      );
      await children(await modelRow('acme/b'));
      await children(await modelRow('acme/a'));
      assert.equal(commitRequests().length - before, 1);
      assert.deepEqual([labelOf(first!), description(first!)], [shaOf(first!), 'now']);
    });

    it('ask for no subject before the view is shown', async () => {
      const modelRow = await published('Hidden', ['Only']);
      await signIn(localRegistry().token);
      const before = commitRequests().length;
      const [version] = await children(await modelRow('acme/told'));
      await children(await modelRow('acme/told'));
      assert.equal(commitRequests().length - before, 0);
      await vscode.commands.executeCommand('modelRegistries.registries.focus');
      await until(() => labelOf(version!) === 'Only', 'the version tells its subject');
      assert.equal(commitRequests().length - before, 1);
    });

    it('ask for no subject with a token that was signed out meanwhile', async () => {
      const modelRow = await published('Left', ['Only']);
      await signIn(localRegistry().token);
      await children(await modelRow('acme/told'));
      await signOutOfAll();
      await signIn(localRegistry().token);
      const before = commitRequests().length;
      await vscode.commands.executeCommand('modelRegistries.registries.focus');
      const [version] = await children(await modelRow('acme/told'));
      await until(() => labelOf(version!) === 'Only', 'the version tells its subject');
      assert.equal(commitRequests().length - before, 1);
    });

    it('tell which of them is the HEAD of the workspace, and follow it @oldest', async () => {
      const folder = path.join(workspaceFolder(), 'language-detection');
      const repository = await inGitExtension(folder);
      const head = repository.state.HEAD?.commit ?? '';
      const modelRow = await published('Heads', [`Published\n\nGit-Commit: ${head}`, 'Later']);
      await vscode.commands.executeCommand('modelRegistries.registries.focus');
      await signIn(localRegistry().token);
      const [later, older] = await children(await modelRow('acme/told'));
      await until(() => description(older!).startsWith('HEAD · '), 'the published version is HEAD');
      assert.equal(description(older!), `HEAD · ${shaOf(older!)} (Git ${head.slice(0, 7)}) · now`);
      assert.match(
        itemOf(older!).tooltip as string,
        new RegExp(`^Published from the Git commit: ${head}$`, 'm'),
      );
      assert.equal((itemOf(older!).iconPath as vscode.ThemeIcon).id, 'target');
      assert(!description(later!).includes('HEAD'));
      const run = (...args: string[]) => execFileSync('git', args, { cwd: folder });
      try {
        run(
          '-c',
          'user.name=Ada',
          '-c',
          'user.email=ada@example.com',
          'commit',
          '--allow-empty',
          '-m',
          'Next',
        );
        await repository.status();
        await until(() => !description(older!).includes('HEAD'), 'it is HEAD no more');
      } finally {
        run('reset', '--soft', head);
        await repository.status();
      }
      await until(() => description(older!).startsWith('HEAD · '), 'it is HEAD again');
    });

    it('tell their size, and their model’s row the format too, once all of their files are listed', async () => {
      const registry = localRegistry();
      const { slug } = registry.addRegistry(registry.organization, 'Sized', 'huggingface');
      await registry.addModelVersion(registry.organization, slug, 'acme/sized', {
        'a.bin': Buffer.alloc(1024),
        'deep/b.bin': Buffer.alloc(1024),
      });
      await signIn(registry.token);
      const own = (await children()).find(
        (row) => row.kind === 'organization' && row.organization.slug === registry.organization,
      );
      const shelf = (await children(own)).find(
        (row) => row.kind === 'registry' && row.registry.slug === slug,
      );
      const [model] = await children(shelf);
      const [version] = await children(model);
      assert.equal(description(version!), 'now');
      assert.equal(description(model!), 'now');
      await children(version);
      // With the .gitattributes that every published model has.
      assert.match(description(version!), /^now · 2(\.\d+)? kB$/);
      assert.match(description(model!), /^now · PyTorch · 2(\.\d+)? kB$/);
    });
  });

  it('asks to sign in again, in one row, once the server refuses the token', async () => {
    const registry = localRegistry();
    const scopes = ['read_organizations', 'read_registries', 'read_packages'];
    const user = { name: 'Mary', email: 'mary@example.com' };
    const token = registry.addToken({ scopes, user });
    await signIn(token);
    const [organization] = await children();
    registry.revokeToken(token);
    const { prompts } = await withPrompts({}, async () => {
      assert.deepEqual(await children(organization), []);
      assert.deepEqual(await labels(), ['Sign in again']);
    });
    assert.deepEqual(prompts.asked, []);
    const silent = await requestsDuring(async () => {
      tree.refresh();
      assert.deepEqual(await labels(), ['Sign in again']);
    });
    assert.deepEqual(silent, []);
    const [row] = await children();
    assert(row);
    const again = registry.addToken({ scopes, user });
    await withPrompts({ input: { 'signIn.token': [again] } }, () => click(row));
    assert((await children()).some(({ kind }) => kind === 'organization'));
  });

  it('drops what arrives for an account that is gone', async () => {
    const registry = localRegistry();
    await signIn(registry.token);
    registry.inject({ path: /^\/v2\/organizations/, fault: { kind: 'hang' } });
    const pending = children();
    await until(
      () => registry.requests.at(-1)?.path.startsWith('/v2/organizations') ?? false,
      'the organizations are asked for',
    );
    await signOutOfAll();
    assert.deepEqual(await pending, []);
  });

  it('says which account an organization belongs to when there are several', async () => {
    const registry = localRegistry();
    await signIn(registry.token);
    assert((await children()).every((row) => itemOf(row).description === undefined));
    await signIn(
      registry.addToken({
        scopes: ['read_organizations', 'read_registries', 'read_packages'],
        user: { name: 'Joan', email: 'joan@example.com' },
      }),
    );
    const accounts = new Set((await children()).map((row) => itemOf(row).description));
    assert.equal(accounts.size, 2);
    assert(accounts.has('joan@example.com'));
  });

  it('shows and selects a version that was published just now @oldest', async () => {
    const registry = localRegistry();
    await signIn(registry.token);
    await vscode.commands.executeCommand('modelRegistries.registries.focus');
    const { version, session } = await firstVersion();
    const commit = (await registry.addModelVersion(
      version.registry.organization,
      version.registry.slug,
      version.model,
      { 'README.md': '# Newer\n' },
    )) as GitObjectId;
    tree.versionsChanged(session, version.registry, version.model);
    await tree.revealVersion(session, version.registry, version.model, commit);
    await until(
      () => tree.view.selection.some((row) => row.kind === 'version' && row.version.commit === commit),
      'the published version is selected',
    );
    assert.equal(tree.view.visible, true);
  });

  it('has a row for a file whose path begins with slashes, as a server may list it', async () => {
    await signIn(localRegistry().token);
    const { session, version } = await firstVersion();
    const unknown = { size: undefined, lfs: false, gitSha1: undefined, sha256: undefined };
    const row = { kind: 'file', session, version, path: '//config.json', ...unknown } as const;
    assert.equal(treeItem(row, surroundings({})).label, 'config.json');
  });

  it('is described in the language and at the time it is shown', async () => {
    await signIn(localRegistry().token);
    const row = await firstVersion();
    const createdAt = new Date('2026-01-01T00:00:00Z');
    const item = treeItem(
      { ...row, version: { ...row.version, createdAt } },
      surroundings({ now: new Date('2026-01-01T03:30:00Z'), locale: 'de' }),
    );
    assert.equal(item.description, 'vor 3 Stunden');
  });

  async function firstVersion(): Promise<VersionRow> {
    const registry = localRegistry();
    const rows = await children();
    const own = rows.find(
      (row) => row.kind === 'organization' && row.organization.slug === registry.organization,
    );
    const shelves = await children(own);
    const shelf = shelves.find((row) => row.kind === 'registry' && row.registry.slug === registry.registry);
    const [model] = await children(shelf);
    const [version] = await children(model);
    assert(version?.kind === 'version');
    return version;
  }
});
