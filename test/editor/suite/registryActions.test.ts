import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { EMPTY } from '../../../src/core/objectIds.ts';
import type { RegistriesTree } from '../../../src/editor/registries/registriesView.ts';
import type { ModelRow, OrganizationRow, RegistryRow, Row, VersionRow } from '../../../src/editor/rows.ts';
import { localRegistry } from '../localRegistry.ts';
import type { Script } from '../scriptedPrompts.ts';
import { until } from '../../setup/until.ts';
import { setting, signIn, signOutOfAll, testAccess, useLocalRegistry, withPrompts } from '../testAccess.ts';

const READ = ['read_organizations', 'read_registries', 'read_packages'];
const ALL = [
  ...READ,
  'read_teams',
  'write_registries',
  'delete_registries',
  'write_packages',
  'delete_packages',
];

describe('registry actions', () => {
  let tree: RegistriesTree;
  let count = 0;
  /** Slug of an organization of each test's own. */
  let organization = '';

  before(async () => {
    tree = (await testAccess()).registries;
    await useLocalRegistry();
  });
  beforeEach(async () => {
    await vscode.commands.executeCommand('workbench.view.explorer');
    await signOutOfAll();
    count += 1;
    organization = `actions-${count}`;
    localRegistry().addOrganization(organization, `Actions ${count}`);
  });
  afterEach(async () => {
    localRegistry().clearFaults();
    await setting('ecosystem', undefined);
    await signOutOfAll();
  });

  const signInWith = (scopes: readonly string[] = ALL, organizations: readonly string[] = [organization]) =>
    signIn(
      localRegistry().addToken({
        scopes,
        organizations,
        user: { name: `Ann ${count}`, email: `ann-${count}@example.com` },
      }),
    );
  const run = async (script: Script, command: string, ...args: unknown[]) =>
    (
      await withPrompts(script, async () => {
        await vscode.commands.executeCommand(`modelRegistries.${command}`, ...args);
      })
    ).prompts;
  const children = async (row?: Row) => (await tree.provider.getChildren(row))!;
  const itemOf = (row: Row) => tree.provider.getTreeItem(row) as vscode.TreeItem;
  const words = (row: Row) => itemOf(row).contextValue?.split(';') ?? [];
  const shelf = (name: string) => localRegistry().addRegistry(organization, name, 'huggingface').slug;
  const publish = (slug: string, model: string, text: string) =>
    localRegistry().addModelVersion(organization, slug, model, { 'README.md': text });

  const organizationRow = async (): Promise<OrganizationRow> => {
    const row = (await children()).find(
      (one) => one.kind === 'organization' && one.organization.slug === organization,
    );
    assert(row?.kind === 'organization');
    return row;
  };
  const registryRow = async (slug: string): Promise<RegistryRow> => {
    const rows = await children(await organizationRow());
    const row = rows.find((one): one is RegistryRow => one.kind === 'registry' && one.registry.slug === slug);
    assert(row, `${slug} is not shown`);
    return row;
  };
  const modelRow = async (slug: string, model: string): Promise<ModelRow> => {
    const rows = await children(await registryRow(slug));
    const row = rows.find((one): one is ModelRow => one.kind === 'model' && one.model === model);
    assert(row, `${model} is not shown`);
    return row;
  };
  const versionRows = async (slug: string, model: string): Promise<readonly VersionRow[]> =>
    (await children(await modelRow(slug, model))).filter((row): row is VersionRow => row.kind === 'version');
  const registrySlugs = async () =>
    (await children(await organizationRow()))
      .filter((row) => row.kind === 'registry')
      .map(({ registry }) => registry.slug);
  const requestsDuring = async (task: () => Promise<unknown>) => {
    const { requests } = localRegistry();
    const before = requests.length;
    await task();
    return requests.slice(before).map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`);
  };
  const listPath = () => `/v2/packages/organizations/${organization}/registries`;
  /** What the server holds. */
  const stored = async (slug: string) => {
    const answer = await fetch(`${new URL(localRegistry().apiUrl).origin}${listPath()}/${slug}`, {
      headers: { authorization: `Bearer ${localRegistry().token}` },
    });
    return (await answer.json()) as Record<string, unknown>;
  };

  describe('create a registry', () => {
    it('with name, description and team, and show it selected @oldest', async () => {
      await signInWith();
      await vscode.commands.executeCommand('modelRegistries.registries.focus');
      const prompts = await run(
        {
          input: {
            'createRegistry.name': ['  Speech models '],
            'createRegistry.description': ['Recognizers'],
          },
          pickMany: { 'createRegistry.teams': ['Everyone'] },
        },
        'createRegistry',
        await organizationRow(),
      );
      assert.deepEqual(prompts.of('createRegistry.teams')[0]?.choices, ['Everyone']);
      assert.equal(prompts.of('createRegistry.organization').length, 0);
      const { name, ecosystem, description, team_ids } = await stored('speech-models');
      assert.deepEqual(
        { name, ecosystem, description },
        {
          name: 'Speech models',
          ecosystem: 'huggingface',
          description: 'Recognizers',
        },
      );
      assert((team_ids as unknown[]).length === 1);
      await until(
        () =>
          tree.view.selection.some((row) => row.kind === 'registry' && row.registry.slug === 'speech-models'),
        'the new registry is selected',
      );
    });

    it('in the organization that is chosen, where there are several that allow it', async () => {
      localRegistry().addOrganization(`${organization}-b`, `Second ${count}`);
      await signInWith(ALL, [organization, `${organization}-b`]);
      const prompts = await run(
        {
          pick: { 'createRegistry.organization': `Second ${count}` },
          input: { 'createRegistry.name': ['There'], 'createRegistry.description': [''] },
        },
        'createRegistry',
      );
      assert.deepEqual(prompts.of('createRegistry.organization')[0]?.choices, [
        `Actions ${count}`,
        `Second ${count}`,
      ]);
      organization = `${organization}-b`;
      assert.equal((await stored('there')).name, 'There');
    });

    it('not without a name, nor with one that is taken', async () => {
      shelf('Language models');
      await signInWith();
      const prompts = await run(
        { input: { 'createRegistry.name': ['', ' - ', 'language-MODELS'] } },
        'createRegistry',
        await organizationRow(),
      );
      const refusals = prompts.of('createRegistry.name')[0]?.refusals ?? [];
      assert.equal(refusals.length, 3);
      assert.match(refusals[2] ?? '', /“Language models”/);
      assert.deepEqual(await registrySlugs(), ['language-models']);
    });

    it('with the ecosystem of the setting; a refusal shows what the server says, and keeps what was typed', async () => {
      await signInWith();
      await setting('ecosystem', 'Hugging-Face');
      let refused = 0;
      const { prompts } = await withPrompts(
        {
          input: { 'createRegistry.name': ['Kept'], 'createRegistry.description': ['Words'] },
          notify: { 'createRegistry.refused': 'change' },
        },
        async (scripted) => {
          const replaced = (await testAccess()).usePrompts({
            ...scripted,
            input: async (prompt) => {
              if (refused === 0) return scripted.input(prompt);
              return prompt.value;
            },
            notify: async (notice) => {
              const chosen = await scripted.notify(notice);
              refused += 1;
              await setting('ecosystem', 'huggingface');
              return chosen;
            },
          });
          try {
            await vscode.commands.executeCommand('modelRegistries.createRegistry', await organizationRow());
          } finally {
            replaced.dispose();
          }
        },
      );
      const [refusal] = prompts.of('createRegistry.refused');
      assert.match(refusal?.text ?? '', /“Hugging-Face”/);
      assert.match(refusal?.text ?? '', /Ecosystem is not included in the list/);
      assert.deepEqual(refusal?.choices, ['change', 'ecosystem']);
      const { ecosystem, description } = await stored('kept');
      assert.deepEqual({ ecosystem, description }, { ecosystem: 'huggingface', description: 'Words' });
    });

    it('without teams where they cannot be listed; where the server wants some, says which scope lists them', async () => {
      await signInWith(ALL.filter((scope) => scope !== 'read_teams'));
      localRegistry().inject({
        method: 'POST',
        path: /\/registries$/,
        fault: {
          kind: 'status',
          status: 422,
          body: JSON.stringify({ message: 'Validation Failed', errors: ["Teams can't be blank"] }),
        },
      });
      const prompts = await run(
        { input: { 'createRegistry.name': ['Nobody’s'], 'createRegistry.description': [''] } },
        'createRegistry',
        await organizationRow(),
      );
      assert.equal(prompts.of('createRegistry.teams').length, 0);
      assert.match(prompts.of('createRegistry.refused')[0]?.text ?? '', /Teams can't be blank.*read_teams/);
    });

    it('only with an account that may', async () => {
      await signInWith(READ);
      assert(!words(await organizationRow()).includes('creatable'));
      const prompts = await run({}, 'createRegistry');
      assert.deepEqual(
        prompts.asked.map(({ id }) => id),
        ['failure'],
      );
      assert.match(prompts.of('failure')[0]?.text ?? '', /write_registries/);
    });

    it('and say whose permission is missing where the server refuses a token that may', async () => {
      await signInWith();
      localRegistry().inject({
        method: 'POST',
        path: /\/registries$/,
        fault: { kind: 'status', status: 403, body: '{"message":"Only admins create registries"}' },
      });
      const prompts = await run(
        { input: { 'createRegistry.name': ['Mine'], 'createRegistry.description': [''] } },
        'createRegistry',
        await organizationRow(),
      );
      assert.match(prompts.of('failure')[0]?.text ?? '', /team.*Only admins create registries/);
    });
  });

  describe('edit a description', () => {
    it('and show the new one, with one request for the list', async () => {
      const slug = shelf('Described');
      await publish(slug, 'acme/one', 'one');
      await signInWith();
      await modelRow(slug, 'acme/one');
      const row = await registryRow(slug);
      await run({ input: { editDescription: ['What it is for'] } }, 'editDescription', row);
      assert.equal((await stored(slug)).description, 'What it is for');
      const again = await requestsDuring(async () => {
        assert.equal((await registryRow(slug)).registry.description, 'What it is for');
        await modelRow(slug, 'acme/one');
      });
      assert(again.length <= 1, again.join('\n'));
    });

    it('and stay open while the server refuses it', async () => {
      const slug = shelf('Described');
      await signInWith();
      const row = await registryRow(slug);
      localRegistry().inject({
        path: new RegExp(`${slug}$`),
        fault: { kind: 'status', status: 422, body: '{"message":"Too rude"}' },
      });
      const prompts = await run({ input: { editDescription: ['Rude', 'Polite'] } }, 'editDescription', row);
      assert.match(prompts.of('editDescription')[0]?.refusals[0] ?? '', /Too rude/);
      assert.equal((await stored(slug)).description, 'Polite');
    });

    it('and ask for nothing where it stays as it was, or where the token may not', async () => {
      const slug = shelf('Described');
      await signInWith();
      const row = await registryRow(slug);
      assert.deepEqual(
        await requestsDuring(() => run({ input: { editDescription: [' '] } }, 'editDescription', row)),
        [],
      );
      await signOutOfAll();
      await signInWith(READ);
      const readOnly = await registryRow(slug);
      assert(!words(readOnly).includes('describable'));
      assert.deepEqual((await run({}, 'editDescription', readOnly)).asked, []);
    });
  });

  describe('delete a registry', () => {
    it('once its name was typed, and say before what is lost', async () => {
      const slug = shelf('Old things');
      await publish(slug, 'acme/one', '1');
      await publish(slug, 'acme/one', '2');
      await publish(slug, 'acme/two', '1');
      await signInWith();
      const row = await registryRow(slug);
      let said = '';
      const { prompts } = await withPrompts(
        { input: { 'deleteRegistry.confirm': ['yes', 'Old things'] } },
        async (scripted) => {
          const replaced = (await testAccess()).usePrompts({
            ...scripted,
            input: (prompt) => {
              said = prompt.prompt;
              return scripted.input(prompt);
            },
          });
          try {
            await vscode.commands.executeCommand('modelRegistries.deleteRegistry', row);
          } finally {
            replaced.dispose();
          }
        },
      );
      assert.match(said, /It holds 2 models with 3 versions\./);
      assert.equal(prompts.of('deleteRegistry.confirm')[0]?.refusals.length, 1);
      assert.deepEqual(await registrySlugs(), []);
      assert.equal((await stored(slug)).id, undefined);
    });

    it('not without its name, and not where the token may not', async () => {
      const slug = shelf('Dear things');
      await signInWith();
      const row = await registryRow(slug);
      await run({ input: { 'deleteRegistry.confirm': ['dear'] } }, 'deleteRegistry', row);
      assert.deepEqual(await registrySlugs(), [slug]);
      await signOutOfAll();
      await signInWith(READ);
      const readOnly = await registryRow(slug);
      assert(!words(readOnly).includes('deletable'));
      assert.deepEqual((await run({}, 'deleteRegistry', readOnly)).asked, []);
    });

    it('also where what is in it cannot be counted, and explain a 403', async () => {
      const slug = shelf('Closed');
      await signInWith();
      const row = await registryRow(slug);
      localRegistry().inject({ path: /\/packages\?/, fault: { kind: 'status', status: 404 } });
      localRegistry().inject({ method: 'DELETE', path: /./, fault: { kind: 'status', status: 403 } });
      const prompts = await run({ input: { 'deleteRegistry.confirm': ['Closed'] } }, 'deleteRegistry', row);
      assert.match(prompts.of('failure')[0]?.text ?? '', /delete_registries/);
      assert.deepEqual(await registrySlugs(), [slug]);
    });
  });

  describe('delete versions', () => {
    const CONFIRMED = { confirm: { 'deleteVersion.confirm': true } };
    let slug = '';
    const three = async () => {
      slug = shelf('Versions');
      for (const text of ['1', '2', '3']) await publish(slug, 'acme/model', text);
      await publish(slug, 'acme/other', '1');
      await signInWith();
      await versionRows(slug, 'acme/other');
      return versionRows(slug, 'acme/model');
    };
    const commits = (rows: readonly VersionRow[]) => rows.map(({ version }) => version.commit);

    it('one, named with model, commit and registry, and load only the lists that held it', async () => {
      const rows = await three();
      const [first] = rows as [VersionRow];
      const prompts = await run(CONFIRMED, 'deleteVersion', first);
      assert.match(
        prompts.of('deleteVersion.confirm')[0]?.text ?? '',
        new RegExp(`^Delete acme/model ${first.version.commit?.slice(0, 7)} from ${organization}/${slug}\\?`),
      );
      const again = await requestsDuring(async () => {
        assert.deepEqual(commits(await versionRows(slug, 'acme/model')), commits(rows.slice(1)));
        await versionRows(slug, 'acme/other');
      });
      assert(again.length <= 2, again.join('\n'));
    });

    it('nothing without confirmation', async () => {
      const rows = await three();
      const sent = await requestsDuring(() => run({}, 'deleteVersion', rows[0]));
      assert.deepEqual(sent, []);
    });

    it('several that are selected, one after another', async () => {
      const rows = await three();
      const messages: (string | undefined)[] = [];
      const sent = await requestsDuring(async () => {
        const prompts = await run(
          {
            ...CONFIRMED,
            progress: { 'deleteVersion.delete': (_cancel, message) => messages.push(message) },
          },
          'deleteVersion',
          rows[0],
          rows,
        );
        assert.match(prompts.of('deleteVersion.confirm')[0]?.text ?? '', /^Delete 3 model versions\?/);
        for (const { version } of rows) {
          assert(prompts.of('deleteVersion.confirm')[0]?.text.includes(version.commit?.slice(0, 7) ?? '?'));
        }
      });
      assert.equal(sent.filter((line) => line.startsWith('DELETE')).length, 3);
      assert(messages.some((message) => message?.includes('(3 of 3)')));
      const models = await children(await registryRow(slug));
      assert.deepEqual(
        models.map((row) => row.kind === 'model' && row.model),
        ['acme/other'],
      );
    });

    it('until cancelled, and say which remain', async () => {
      const rows = await three();
      const prompts = await run(
        {
          ...CONFIRMED,
          progress: {
            'deleteVersion.delete': (cancel, message) => {
              if (message?.includes('(2 of 3)')) cancel();
            },
          },
        },
        'deleteVersion',
        rows[0],
        rows,
      );
      const [stopped] = prompts.of('deleteVersion.stopped');
      assert.match(stopped?.text ?? '', /^Stopped after 1 of 3 /);
      const left = commits(await versionRows(slug, 'acme/model'));
      assert(!left.includes(rows[0]?.version.commit));
      assert(left.includes(rows[2]?.version.commit));
      assert(stopped?.text.includes(rows[2]?.version.commit?.slice(0, 7) ?? '?'));
    });

    it('as far as the server lets, say why it stopped and which remain, and go on when asked to', async () => {
      const rows = await three();
      localRegistry().inject({
        method: 'DELETE',
        path: /./,
        after: 1,
        fault: { kind: 'status', status: 409, body: '{"message":"Busy there"}' },
      });
      const prompts = await run(
        { ...CONFIRMED, notify: { 'deleteVersion.failed': 'again' } },
        'deleteVersion',
        rows[0],
        rows,
      );
      const [failed] = prompts.of('deleteVersion.failed');
      assert.match(failed?.text ?? '', /^1 of 3 versions were deleted\..*Busy there/);
      assert(!failed?.text.includes(rows[0]?.version.commit?.slice(0, 7) ?? '?'));
      for (const { version } of rows.slice(1)) {
        assert(failed?.text.includes(version.commit?.slice(0, 7) ?? '?'));
      }
      const models = await children(await registryRow(slug));
      assert.deepEqual(
        models.map((row) => row.kind === 'model' && row.model),
        ['acme/other'],
      );
    });

    it('by key, those that are selected in the view @oldest', async () => {
      await vscode.commands.executeCommand('modelRegistries.registries.focus');
      const rows = await three();
      const [first] = rows as [VersionRow];
      await tree.revealVersion(first.session, first.version.registry, 'acme/model', first.version.commit!);
      await run(CONFIRMED, 'deleteSelected');
      assert.deepEqual(commits(await versionRows(slug, 'acme/model')), commits(rows.slice(1)));
    });

    it('none where the token may not, and explain a 403', async () => {
      const [row] = (await three()) as [VersionRow];
      localRegistry().inject({ method: 'DELETE', path: /./, fault: { kind: 'status', status: 403 } });
      const refused = await run(CONFIRMED, 'deleteVersion', row);
      assert.match(refused.of('failure')[0]?.text ?? '', /delete_packages/);
      await signOutOfAll();
      await signInWith(READ);
      const [readOnly] = (await versionRows(slug, 'acme/model')) as [VersionRow];
      assert(!words(readOnly).includes('deletable'));
      assert.deepEqual((await run({}, 'deleteVersion', readOnly)).asked, []);
    });
  });

  describe('copy', () => {
    it('ids, addresses and the install command, with no token in it', async () => {
      const slug = shelf('Copies');
      const commit = await publish(slug, 'acme/model', '1');
      const token = localRegistry().addToken({ scopes: READ, organizations: [organization] });
      await signIn(token);
      const model = await modelRow(slug, 'acme/model');
      const [version] = (await versionRows(slug, 'acme/model')) as [VersionRow];
      const registry = await registryRow(slug);
      const copied = async (command: string, row: Row) => (await run({}, command, row)).copied;
      const endpoint = `${localRegistry().packagesUrl}/${organization}/${slug}/huggingface`;

      assert.deepEqual(await copied('copyModelId', model), ['acme/model']);
      assert.deepEqual(await copied('copyModelId', version), ['acme/model']);
      assert.deepEqual(await copied('copyModelId', registry), []);
      await publish(slug, 'acme/other', '1');
      tree.refresh(registry);
      const both = [await modelRow(slug, 'acme/other'), model];
      assert.deepEqual((await run({}, 'copyModelId', model, both)).copied, ['acme/other\nacme/model']);
      assert.deepEqual(await copied('copyHubUrl', registry), [endpoint]);
      assert.deepEqual(await copied('copyHubUrl', model), [`${endpoint}/acme/model`]);
      assert.deepEqual(await copied('copyPageUrl', registry), [registry.registry.webUrl?.href]);
      assert.deepEqual(await copied('copyPageUrl', version), [version.version.webUrl?.href]);
      assert.deepEqual(await copied('copySha', version), [commit]);
      const later = await publish(slug, 'acme/model', '2');
      tree.refresh(registry);
      const versions = (await versionRows(slug, 'acme/model')) as [VersionRow];
      const all = (await run({}, 'copySha', versions[0], [model, ...versions])).copied;
      assert.deepEqual(all, [`${later}\n${commit}`]);
      const files = (await children(version)).filter((row) => row.kind === 'file');
      const [card] = files.filter(({ path }) => path === 'README.md');
      assert(card);
      assert.deepEqual((await run({}, 'copyFilePath', card, files)).copied, [
        files.map(({ path }) => path).join('\n'),
      ]);
      assert.deepEqual(await copied('copyFileUrl', card), [
        `${endpoint}/acme/model/resolve/${commit}/README.md`,
      ]);
      assert.deepEqual(await copied('copyFileSha256', { ...card, sha256: EMPTY.sha256 }), [EMPTY.sha256]);
      assert.deepEqual(await copied('copyFileSha256', card), []);
      const [newest] = await copied('copyInstallCommand', model);
      const [pinned] = await copied('copyInstallCommand', version);
      assert(newest?.includes('acme/model') && newest.includes(endpoint) && !newest.includes(commit));
      assert(pinned?.includes(commit));
      const [shared = ''] = await copied('copyForTeammate', version);
      assert(shared.includes(`--revision ${commit}`) && shared.includes('snapshot_download'));
      assert.match(shared, /^- Size: /m);
      assert(shared.includes(`- Address: ${version.version.webUrl?.href}`));
      assert(!`${newest}${pinned}${shared}`.includes(token));
    });
  });

  describe('find a model', () => {
    it('by a part of its name in all registries of the only organization, and show it selected', async () => {
      const language = shelf('Language');
      const vision = shelf('Vision');
      await publish(language, 'acme/bert-small', '1');
      await publish(vision, 'acme/resnet', '1');
      const commit = await publish(vision, 'acme/bert-eyes', '1');
      await signInWith(READ);
      await vscode.commands.executeCommand('modelRegistries.registries.focus');
      await run(
        {
          search: {
            findModel: async (box) => {
              await box.idle();
              assert.equal(box.rows.length, 3);
              box.type('bert');
              await box.idle();
              assert.deepEqual(
                box.rows.map((row) => row.split(' ')[0]),
                ['acme/bert-small', 'acme/bert-eyes'],
              );
              assert(box.rows[1]?.includes(commit.slice(0, 7)));
              return 'acme/bert-eyes';
            },
          },
        },
        'findModel',
      );
      await until(
        () => tree.view.selection.some((row) => row.kind === 'model' && row.model === 'acme/bert-eyes'),
        'the model is selected',
      );
    });

    it('in all organizations at once, or in one registry', async () => {
      const slug = shelf('Only');
      await publish(slug, 'acme/only', '1');
      localRegistry().addOrganization(`${organization}-b`, `Second ${count}`);
      const { slug: second } = localRegistry().addRegistry(`${organization}-b`, 'Second', 'huggingface');
      await localRegistry().addModelVersion(`${organization}-b`, second, 'acme/other', { 'README.md': '1' });
      await signInWith(READ, [organization, `${organization}-b`]);
      const asked = await run(
        {
          search: {
            findModel: async (box) => {
              await box.idle();
              assert.deepEqual(
                box.rows.map((one) => one.split(' ')[0]),
                ['acme/only', 'acme/other'],
              );
              box.type('nowhere');
              await box.idle();
              assert.deepEqual(box.rows, ['No model has “nowhere” in its name.']);
              return undefined;
            },
          },
        },
        'findModel',
      );
      assert.deepEqual(
        asked.asked.map(({ id }) => id),
        ['findModel'],
      );
      const row = await registryRow(slug);
      const sent = await requestsDuring(() =>
        run(
          {
            search: {
              findModel: async (box) => {
                await box.idle();
                box.type('nowhere');
                await box.idle();
                assert.deepEqual(box.rows, ['No model in Only has “nowhere” in its name.']);
                return undefined;
              },
            },
          },
          'findModel',
          row,
        ),
      );
      assert.deepEqual(sent, [`GET ${listPath()}/${slug}/packages`]);
    });

    it('copies an id and shows commands from the rows', async () => {
      const slug = shelf('Buttons');
      await publish(slug, 'acme/pressed', '1');
      await signInWith(READ);
      const prompts = await run(
        {
          search: {
            findModel: async (box) => {
              await box.idle();
              await box.press('acme/pressed', 'Copy Model ID');
              await box.press('acme/pressed', 'Install & Publish Commands');
              return undefined;
            },
          },
        },
        'findModel',
        await registryRow(slug),
      );
      assert.deepEqual(prompts.copied, ['acme/pressed']);
      await until(
        () =>
          vscode.window.tabGroups.all.some(({ tabs }) =>
            tabs.some(({ label }) => label.includes('acme/pressed')),
          ),
        'the panel of the commands is open',
      );
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    });

    for (const [name, fault, words_, askedMs] of [
      [
        'a used-up rate limit',
        { kind: 'status', status: 429, headers: { 'retry-after': '1' } },
        /no more requests/,
        1000,
      ],
      ['a lost connection', { kind: 'resetRequest', afterBytes: 0 }, /./, 0],
    ] as const) {
      it(`tells of ${name} in a row, without a notification, and tries again from there`, async () => {
        const slug = shelf('Unreachable');
        await publish(slug, 'acme/there', '1');
        await signInWith(READ);
        const row = await registryRow(slug);
        const clear = localRegistry().inject({ path: /\/packages\?/, times: Infinity, fault });
        const prompts = await run(
          {
            search: {
              findModel: async (box) => {
                await box.idle();
                const refusedAt = Date.now();
                assert.equal(box.rows.length, 1);
                assert.match(box.rows[0] ?? '', words_);
                clear();
                await until(
                  () => Date.now() > refusedAt + askedMs,
                  'the wait is over that the server asked for',
                );
                box.choose(box.rows[0] ?? '');
                await box.idle();
                assert.match(box.rows[0] ?? '', /^acme\/there /);
                return undefined;
              },
            },
          },
          'findModel',
          row,
        );
        assert.deepEqual(
          prompts.asked.map(({ id }) => id),
          ['findModel'],
        );
      });
    }

    it('cancels what is stale', async () => {
      const slug = shelf('Slow');
      await publish(slug, 'acme/bert', '1');
      await signInWith(READ);
      const row = await registryRow(slug);
      localRegistry().inject({ path: /\/packages\?(?!.*name=)/, fault: { kind: 'hang' } });
      await run(
        {
          search: {
            findModel: async (box) => {
              await until(
                () => localRegistry().requests.at(-1)?.path.includes('/packages?') ?? false,
                'the models are asked for',
              );
              assert.equal(box.busy, true);
              box.type('bert');
              await box.idle();
              assert.match(box.rows[0] ?? '', /^acme\/bert /);
              return undefined;
            },
          },
        },
        'findModel',
        row,
      );
    });
  });

  describe('filter a registry', () => {
    it('by a namespace it has, and clear the filter', async () => {
      const slug = shelf('Mixed');
      for (const model of ['acme/a', 'zeta/b', 'acme/c']) await publish(slug, model, model);
      await signInWith(READ);
      const models = async () =>
        (await children(await registryRow(slug)))
          .filter((row) => row.kind === 'model')
          .map(({ model }) => model);
      const prompts = await run(
        {
          search: {
            filter: async (box) => {
              await box.idle();
              assert.deepEqual(
                box.rows.map((row) => row.split(' ')[0]),
                ['acme', 'zeta'],
              );
              return 'zeta';
            },
          },
        },
        'filterByNamespace',
        await registryRow(slug),
      );
      assert.deepEqual(prompts.of('filter').length, 1);
      assert.deepEqual(await models(), ['zeta/b']);
      const filtered = await registryRow(slug);
      assert(words(filtered).includes('filtered'));
      await run({}, 'clearFilter', filtered);
      assert.deepEqual([...(await models())].sort(), ['acme/a', 'acme/c', 'zeta/b']);
      assert(!words(await registryRow(slug)).includes('filtered'));
    });

    it('by any text', async () => {
      const slug = shelf('Mixed');
      for (const model of ['acme/small', 'zeta/small', 'acme/large']) await publish(slug, model, model);
      await signInWith(READ);
      await run(
        {
          search: {
            filter: async (box) => {
              box.type('small');
              await box.idle();
              return 'Names that hold “small”';
            },
          },
        },
        'filterByNamespace',
        await registryRow(slug),
      );
      const rows = await children(await registryRow(slug));
      assert.deepEqual(
        rows
          .filter((row) => row.kind === 'model')
          .map(({ model }) => model)
          .sort(),
        ['acme/small', 'zeta/small'],
      );
    });
  });
});
