import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { GitObjectId } from '../../../src/core/objectIds.ts';
import type { RegistriesTree } from '../../../src/editor/registries/registriesView.ts';
import type { RegistryRow, Row, VersionRow } from '../../../src/editor/registries/rows.ts';
import { CONTEXT_WORDS, treeItem, webPage } from '../../../src/editor/registries/treeItem.ts';
import { localRegistry } from '../localRegistry.ts';
import { signIn, signOutOfAll, testAccess, until, useLocalRegistry, withPrompts } from '../testAccess.ts';

const README = '# A model\n';

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

  it('loads nothing while it is hidden, and the organizations once it is shown', async () => {
    const hidden = await requestsDuring(async () => {
      await signIn(localRegistry().token);
      await vscode.commands.executeCommand('modelRegistries.refresh');
      await vscode.commands.executeCommand('workbench.view.scm');
    });
    assert.deepEqual(hidden, ['GET /v2/access-token']);
    const shown = await requestsDuring(async () => {
      await vscode.commands.executeCommand('modelRegistries.registries.focus');
      await until(() => localRegistry().requests.at(-1)?.path.startsWith('/v2/organizations') ?? false);
    });
    assert.deepEqual(shown, ['GET /v2/organizations']);
  });

  it('goes from organizations to files with one request for each expansion', async () => {
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
      assert.equal(part && itemOf(part).description, '2 KiB · LFS');
    });
    assert.deepEqual(inside, []);
  });

  it('shows only registries that hold models, and says where there are none', async () => {
    const registry = localRegistry();
    registry.addOrganization('no-models', 'No Models');
    registry.addRegistry('no-models', 'Wheels', 'python');
    await signIn(registry.token);
    assert.deepEqual(await labels(await walk('No Models')), ['No Hugging Face registries']);
    const empty = registry.addRegistry('no-models', 'Shelf', 'huggingface').slug;
    tree.refresh(await walk('No Models'));
    const [shelf] = await children(await walk('No Models'));
    assert(shelf?.kind === 'registry' && shelf.registry.slug === empty);
    assert.deepEqual(await labels(shelf), ['No models yet']);
  });

  it('gives every row an id of its own and known words in order', async () => {
    await signIn(localRegistry().token);
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
    assert.deepEqual(words(own), ['organization', 'web']);
    assert.deepEqual(words(shelf), ['instructable', 'publishable', 'registry', 'web']);
    assert.deepEqual(words(model), ['instructable', 'model']);
    assert.deepEqual(words(version), ['instructable', 'sha', 'version', 'web']);
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
      webPage(
        { ...row, version: { ...version, webUrl: new URL(address) } },
        new URL('https://buildkite.com'),
      );
    assert(pageAt('https://buildkite.com/organizations/acme'));
    for (const address of [
      'https://buildkite.com.example.com/',
      'http://buildkite.com/',
      'https://buildkite.com:444/',
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
    const more = 'Load more (2 models in the newest 2 versions shown)';
    assert.deepEqual(await labels(row), ['acme/model-1', 'acme/model-2', more]);
    await click((await children(row)).at(-1)!);
    assert.deepEqual(await labels(row), ['acme/model-1', 'acme/model-2', 'Try again']);
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
      assert.equal(labelOf(row), 'Try again');
      assert(itemOf(row).description);
      await click(row);
      assert((await children()).every(({ kind }) => kind === 'organization'));
    });
    assert.deepEqual(prompts.asked, []);
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
    await until(() => registry.requests.at(-1)?.path.startsWith('/v2/organizations') ?? false);
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

  it('shows and selects a version that was published just now', async () => {
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
    await until(() =>
      tree.view.selection.some((row) => row.kind === 'version' && row.version.commit === commit),
    );
    assert.equal(tree.view.visible, true);
  });

  it('is described in the language and at the time it is shown', async () => {
    await signIn(localRegistry().token);
    const row = await firstVersion();
    const createdAt = new Date('2026-01-01T00:00:00Z');
    const item = treeItem(
      { ...row, version: { ...row.version, createdAt } },
      { now: new Date('2026-01-01T03:30:00Z'), locale: 'de', webUrl: undefined, showAccounts: false },
    );
    assert.equal(item.description, 'vor 3 Stunden');
    assert(!item.contextValue?.split(';').includes('web'));
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
