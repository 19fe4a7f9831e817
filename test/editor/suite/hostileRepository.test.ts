import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { LocalRow } from '../../../src/editor/localModels/rows.ts';
import type { ModelRow, VersionRow } from '../../../src/editor/rows.ts';
import { openRepository, scratch } from '../../unit/snapshot/repositories.ts';
import { inWorkspace, workspaceFolder } from '../inWorkspace.ts';
import { localRegistry } from '../localRegistry.ts';
import type { ScriptedPrompts } from '../scriptedPrompts.ts';
import { until } from '../../setup/until.ts';
import { signIn, signOutOfAll, testAccess, useLocalRegistry, withPrompts } from '../testAccess.ts';
import { trainModel } from '../trainedModel.ts';

const SCOPES = ['read_user', 'read_organizations', 'read_registries', 'read_packages', 'write_packages'];

/** A filter's name that is no UTF-8, as the bytes of a configuration or of attributes. */
const FILTER = Buffer.from([0x65, 0x76, 0xff, 0x69, 0x6c]);

/**
 * Repositories of a stranger in the open workspace. VS Code's own Git extension runs Git there, too, and says so in the environment
 * (`VSCODE_GIT_COMMAND`): what it springs does not count.
 */
describe('a stranger’s repository in the workspace', () => {
  const place = inWorkspace();
  const temporary = scratch();
  let count = 0;
  let folder = '';
  let trace = '';

  before(async () => {
    await useLocalRegistry();
    await signOutOfAll();
    await signIn(
      localRegistry().addToken({ scopes: SCOPES, user: { name: 'Vic', email: 'vic@example.com' } }),
    );
  });
  beforeEach(() => {
    count += 1;
    folder = place(`stranger-${count}`);
    trace = path.join(temporary.folder(), 'ran');
  });
  after(signOutOfAll);

  /** A shell command that leaves a trace of its reason, and gives what it reads. */
  const trap = (reason: string) => `[ "$VSCODE_GIT_COMMAND" ] || echo ${reason} >> '${trace}'; cat`;
  const ran = () => existsSync(trace);
  const target = (where: string, more: object = {}) => ({
    folder: path.relative(workspaceFolder(), where),
    organization: localRegistry().organization,
    registry: localRegistry().registry,
    model: `acme/stranger-${count}`,
    ...more,
  });
  const parsed = (result: vscode.LanguageModelToolResult | null | undefined): Record<string, unknown> => {
    const [part] = result?.content ?? [];
    assert(part instanceof vscode.LanguageModelTextPart);
    return JSON.parse(part.value) as Record<string, unknown>;
  };
  const plan = async (where: string) =>
    parsed(
      await vscode.lm.invokeTool('modelRegistries_planPublish', {
        input: target(where),
        toolInvocationToken: undefined,
      }),
    );
  const publishByTool = async (where: string, planned: Record<string, unknown>) => {
    const tool = (await testAccess()).tools.modelRegistries_publish;
    const { commit, plan: agreed } = planned;
    return parsed(
      await tool.invoke(
        { input: target(where, { commit, plan: agreed }), toolInvocationToken: undefined },
        new vscode.CancellationTokenSource().token,
      ),
    );
  };
  const publishByCommand = async (where: string): Promise<ScriptedPrompts> => {
    const answers = {
      pick: { 'publish.registry': 'models' },
      confirm: { 'publish.summary': true },
      input: { 'publish.model': [`acme/stranger-${count}`] },
    };
    const { prompts } = await withPrompts(answers, async () => {
      await vscode.commands.executeCommand('modelRegistries.publish', vscode.Uri.file(where));
    });
    return prompts;
  };
  const versionRow = async (): Promise<VersionRow> => {
    const { registries, sessions } = await testAccess();
    const [session] = sessions.all;
    assert(session);
    const { organization, registry: slug } = localRegistry();
    const registry = await session.host.listing.registry(organization, slug, new AbortController().signal);
    const row: ModelRow = { kind: 'model', session, registry, model: `acme/stranger-${count}` };
    const version = (await registries.provider.getChildren(row))?.find(({ kind }) => kind === 'version');
    assert(version?.kind === 'version');
    return version;
  };
  const compareWithHead = async (row: VersionRow, where: string) => {
    await withPrompts({ pick: { 'compare.folder': path.basename(where) } }, async () =>
      vscode.commands.executeCommand('modelRegistries.compareWithHead', row),
    );
  };
  /** What the row of the folder in Local Models says beside its name, once it is there and was looked at. */
  const localRow = async (where: string): Promise<string> => {
    const { view } = (await testAccess()).localModels;
    const itemOf = (row: LocalRow) => view.provider.getTreeItem(row) as vscode.TreeItem;
    let found: vscode.TreeItem | undefined;
    await until(
      async () => {
        const rows = (await view.provider.getChildren()) ?? [];
        found = rows.map(itemOf).find(({ label }) => label === path.basename(where));
        return found !== undefined && String(found.description ?? '') !== '';
      },
      `${path.basename(where)} is among Local Models, and was looked at`,
    );
    return String(found?.description);
  };
  const showStatusOf = async (where: string) => {
    await vscode.window.showTextDocument(vscode.Uri.file(path.join(where, 'README.md')), { preview: false });
    const { item } = (await testAccess()).localModels.head;
    await until(
      () => item.text !== '' && !item.text.includes('language-detection'),
      'the status bar shows the stranger’s HEAD',
    );
  };

  it('runs nothing of its configuration, whatever is done with it', async () => {
    const cloned = trainModel(temporary.repository(folder), Buffer.alloc(100_000, `stranger ${count} `));
    cloned.git('config', 'core.fsmonitor', trap('fsmonitor'));
    cloned.git('config', 'hook.evil.command', trap('hook'));
    cloned.git('config', 'hook.evil.event', 'post-index-change');
    for (const name of ['post-index-change', 'fsmonitor-watchman', 'reference-transaction']) {
      const hooks = path.join(folder, '.git', 'hooks');
      mkdirSync(hooks, { recursive: true });
      writeFileSync(path.join(hooks, name), `#!/bin/sh\n${trap(name)}\n`, { mode: 0o755 });
    }
    appendFileSync(path.join(folder, '.git', 'config'), filterNamed(FILTER, trap('filter')));
    mkdirSync(path.join(folder, '.git', 'info'), { recursive: true });
    writeFileSync(
      path.join(folder, '.git', 'info', 'attributes'),
      Buffer.concat([Buffer.from('*.json filter='), FILTER, Buffer.from('\n')]),
    );
    // Of the same size, so that only its content tells whether it changed.
    writeFileSync(path.join(folder, 'config.json'), '{"model_type":"tost"}\n');
    cloned.git('status');
    assert(ran(), 'the traps are of paper');
    rmSync(trace);

    const planned = await plan(folder);
    assert.equal(
      planned.commit,
      execFileSync('git', ['rev-parse', 'HEAD'], { cwd: folder }).toString().trim(),
    );
    assert(!ran(), 'plan');
    assert.equal((await publishByTool(folder, planned)).outcome, 'published');
    assert(!ran(), 'publish by an agent');
    const prompts = await publishByCommand(folder);
    const asked = prompts.asked.map(({ id }) => id);
    assert(asked.includes('publish.plan'), asked.join(', '));
    assert(!ran(), 'publish');
    await compareWithHead(await versionRow(), folder);
    assert(!ran(), 'compare');
    assert.match(await localRow(folder), /^[0-9a-f]{7}/);
    assert(!ran(), 'Local Models');
    await showStatusOf(folder);
    assert(!ran(), 'status bar');
  });

  it('runs nothing of a folder in a clone that looks like a bare repository', async () => {
    const stranger = temporary.repository();
    const model = path.join(stranger.path, 'model');
    mkdirSync(model);
    const inner = openRepository(model);
    inner.git('init', '--quiet', '--bare', '.');
    inner.git('config', 'core.bare', 'false');
    inner.git('config', 'core.worktree', '.');
    inner.write('config.json', '{"model_type":"bert"}\n');
    inner.write('README.md', '---\nlicense: mit\n---\n');
    inner.git('--git-dir=.', '--work-tree=.', 'add', 'config.json', 'README.md');
    inner.git('--git-dir=.', '--work-tree=.', 'commit', '--quiet', '-m', 'A model');
    inner.write('info/attributes', Buffer.concat([Buffer.from('* filter='), FILTER, Buffer.from('\n')]));
    appendFileSync(path.join(model, 'config'), filterNamed(FILTER, trap('filter')));
    rmSync(path.join(model, 'hooks'), { recursive: true, force: true });
    for (const empty of emptyFolders(model)) writeFileSync(path.join(empty, '.keep'), '');
    stranger.git('add', '--all', '--force');
    stranger.git('commit', '--quiet', '-m', 'Delivered by an ordinary clone');
    const cloned = temporary.repository(folder);
    rmSync(path.join(folder, '.git'), { recursive: true });
    cloned.git('clone', '--quiet', stranger.path, '.');
    const where = path.join(folder, 'model');
    execFileSync('git', ['status'], { cwd: where });
    assert(ran(), 'the trap is of paper');
    rmSync(trace);

    await assert.rejects(plan(where), /bare/i);
    const prompts = await publishByCommand(where);
    assert(!prompts.asked.some(({ id }) => id === 'publish.summary'));
    await localRow(where);
    await vscode.window.showTextDocument(vscode.Uri.file(path.join(where, 'README.md')), { preview: false });
    await (await testAccess()).localModels.view.refresh();
    assert(!ran(), 'something ran');
  });
});

/** A section of a configuration that gives that filter a clean command. */
function filterNamed(name: Buffer, command: string): Buffer {
  return Buffer.concat([
    Buffer.from('[filter "'),
    name,
    Buffer.from(`"]\n\tclean = ${JSON.stringify(command)}\n\trequired = true\n`),
  ]);
}

function emptyFolders(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  if (entries.length === 0) return [folder];
  return entries
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => emptyFolders(path.join(folder, entry.name)));
}
