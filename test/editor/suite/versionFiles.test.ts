import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { GitObjectId } from '../../../src/core/objectIds.ts';
import type { FileRow, Row, VersionRow } from '../../../src/editor/rows.ts';
import { uriOf, versionAddressOf, versionFileOf } from '../../../src/editor/versionFiles/documents.ts';
import { fileAddressOf, type FileAddress } from '../../../src/editor/versionFiles/fileAddress.ts';
import { WEIGHTS_SCHEME } from '../../../src/editor/versionFiles/weightsAddress.ts';
import { safetensors } from '../../unit/weights/weightFiles.ts';
import { inWorkspace, workspaceFolder } from '../inWorkspace.ts';
import { localRegistry } from '../localRegistry.ts';
import { until } from '../../setup/until.ts';
import { signIn, signOutOfAll, testAccess, useLocalRegistry, withPrompts } from '../testAccess.ts';

/** A transparent dot. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);

describe('version files', () => {
  let slug: string;
  let made = 0;

  /** Publishes `files` as another version of the model, and gives its row. */
  const publish = async (
    files: Readonly<Record<string, string | Buffer>>,
    model = `acme/opened-${(made += 1)}`,
    message?: string,
  ): Promise<VersionRow> => {
    const registry = localRegistry();
    const commit = await registry.addModelVersion(registry.organization, slug, model, files, message);
    return versionRow(model, commit as GitObjectId);
  };
  const versionRow = async (model: string, commit: GitObjectId): Promise<VersionRow> => {
    const [session] = (await testAccess()).sessions.all;
    assert(session);
    const { signal } = new AbortController();
    const registry = await session.host.listing.registry(localRegistry().organization, slug, signal);
    const { items } = await session.host.listing.versions(registry, model, {}, signal);
    const version = items.find((one) => one.commit === commit);
    assert(version);
    return { kind: 'version', session, version };
  };
  const fileRow = async (version: VersionRow, path: string): Promise<FileRow> => {
    const { provider } = (await testAccess()).registries;
    const search = async (row: Row): Promise<FileRow | undefined> => {
      for (const child of (await provider.getChildren(row)) ?? []) {
        if (child.kind === 'file' && child.path === path) return child;
        const found = child.kind === 'folder' ? await search(child) : undefined;
        if (found) return found;
      }
      return undefined;
    };
    const found = await search(version);
    assert(found, path);
    return found;
  };
  const open = async (version: VersionRow, path: string) => {
    const row = await fileRow(version, path);
    return withPrompts({}, async () => vscode.commands.executeCommand('modelRegistries.openFile', row));
  };
  const addressOf = ({ session, version }: VersionRow, path: string): FileAddress => ({
    kind: 'version',
    version: versionAddressOf(session, version)!,
    path,
    shown: 'bytes',
  });
  const uri = (version: VersionRow, path: string) => uriOf(addressOf(version, path));
  /** The document of the editor that is in front, once it is one of a version's files. */
  const shown = async (path: string): Promise<vscode.TextDocument> => {
    const current = () => vscode.window.activeTextEditor?.document;
    await until(
      () => current() !== undefined && versionFileOf(current()!.uri)?.path === path,
      `${path} is in the editor in front`,
    );
    return current()!;
  };
  const tabs = () => vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const resolves = () =>
    localRegistry()
      .requests.filter(({ path }) => path.includes('/resolve/'))
      .map(({ path }) => path);
  /** Texts of the open documents, by `COMMIT/PATH`. */
  const documents = () =>
    new Map(
      vscode.workspace.textDocuments
        .filter(({ uri: { scheme } }) => scheme === 'model-registries')
        .map((document) => {
          const address = fileAddressOf(document.uri);
          assert(address);
          const commit = address.kind === 'head' ? address.commit : address.version.commit;
          return [`${commit}/${address.path}`, document.getText()];
        }),
    );
  const weightsTexts = () =>
    vscode.workspace.textDocuments
      .filter(({ uri: { scheme } }) => scheme === WEIGHTS_SCHEME)
      .map((document) => document.getText());
  const reached = async ({ session }: VersionRow): Promise<boolean> => {
    const { items } = await session.host.listing.organizations(undefined, new AbortController().signal);
    return items.length > 0;
  };
  const reason = async (promise: Thenable<unknown>): Promise<string> => {
    try {
      await promise;
    } catch (error) {
      return (error as Error).message;
    }
    assert.fail('it was read');
  };

  before(async () => {
    await useLocalRegistry();
    slug = localRegistry().addRegistry(localRegistry().organization, 'Opened', 'huggingface').slug;
  });
  beforeEach(async () => {
    await signOutOfAll();
    await signIn(localRegistry().token);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });
  afterEach(async () => {
    localRegistry().clearFaults();
    const spelled = [
      ...vscode.workspace.textDocuments.map(({ uri }) => uri),
      ...tabs().map(({ input }) => input),
    ];
    assert(!JSON.stringify(spelled).includes(localRegistry().token), 'a token is in a URI');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await until(() => tabs().length === 0, 'the editors are closed');
    await signOutOfAll();
  });

  it('opens a text file with its very bytes, as a preview that cannot be edited @oldest', async () => {
    const text = '{\r\n  "größe": "1 µm"\r\n}\r\n';
    const version = await publish({ 'config.json': text });
    const { prompts } = await open(version, 'config.json');
    const document = await shown('config.json');
    assert.equal(document.getText(), text);
    assert.equal(document.languageId, 'json');
    assert.deepEqual(Buffer.from(await vscode.workspace.fs.readFile(document.uri)), Buffer.from(text));
    assert.equal(vscode.workspace.fs.isWritableFileSystem('model-registries'), false);
    await assert.rejects(async () => vscode.workspace.fs.writeFile(document.uri, Buffer.from('x')));
    await until(
      () => vscode.window.tabGroups.activeTabGroup.activeTab?.isPreview === true,
      'the tab in front is a preview',
    );
    assert.deepEqual(prompts.asked, []);
  });

  it('opens files of every name', async () => {
    const names = [
      'two words.txt',
      'hash#question?and=more&.txt',
      '100%/%2e%2e/%41.txt',
      'ünï – 文件 🤗.txt',
      'command:workbench.action.quit',
      '[link](command:workbench.action.quit).txt',
      '$(alert) {"of":"head"}.txt',
      'back\\slash.txt',
      'deep/er/and  deeper/file',
      'https:/example.com/x.txt',
    ];
    const version = await publish(Object.fromEntries(names.map((name) => [name, `This is ${name}`])));
    for (const name of names) {
      const { prompts } = await open(version, name);
      assert.deepEqual(prompts.asked, [], name);
      assert.equal((await shown(name)).getText(), `This is ${name}`);
      const spelled = uri(version, name);
      assert.deepEqual(versionFileOf(vscode.Uri.parse(spelled.toString(), true)), addressOf(version, name));
    }
  });

  it('asks for a file once, however often it is opened and in whichever version it is the same', async () => {
    const files = { 'config.json': '{"asked":"once"}' };
    const model = 'acme/asked-once';
    const first = await publish(files, model);
    const second = await publish({ ...files, 'new.txt': 'new' }, model);
    const before = resolves().length;
    await open(first, 'config.json');
    await shown('config.json');
    await open(second, 'config.json');
    await until(
      () =>
        tabs().some(
          ({ input }) =>
            input instanceof vscode.TabInputText &&
            input.uri.toString() === uri(second, 'config.json').toString(),
        ),
      'the second version’s file is open',
    );
    assert.equal(resolves().length - before, 1);
  });

  it('opens a model card on the model page, and no other Markdown rendered', async () => {
    const version = await publish({
      'README.md': '# Card\n\n![dot](https://example.invalid/dot.png)\n',
      'docs/README.md': '# Docs\n\n![dot](https://example.invalid/dot.png)\n',
    });
    await open(version, 'README.md');
    await until(
      () =>
        tabs().some(
          ({ input }) =>
            input instanceof vscode.TabInputWebview && input.viewType.endsWith('modelRegistries.modelPage'),
        ),
      'the model page is open',
    );
    await open(version, 'docs/README.md');
    assert.match((await shown('docs/README.md')).getText(), /^# Docs/);
    assert.ok(
      tabs().every(
        ({ input }) =>
          !(input instanceof vscode.TabInputWebview && input.viewType.endsWith('markdown.preview')),
      ),
    );
  });

  const NOTEBOOK = JSON.stringify({
    cells: [
      {
        cell_type: 'code',
        execution_count: 1,
        metadata: {},
        outputs: [
          { output_type: 'display_data', metadata: {}, data: { 'text/html': ['<script>alert(1)</script>'] } },
        ],
        source: ['1'],
      },
    ],
    metadata: { language_info: { name: 'python' } },
    nbformat: 4,
    nbformat_minor: 5,
  });

  it('opens what an editor would run as text, from the tree and from anywhere else @oldest', async () => {
    const files = {
      'run.ipynb': NOTEBOOK,
      'a b/RUN.IPYNB': NOTEBOOK,
      'picture.svg': '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
      'page.html': '<script>alert(1)</script>',
      'all.code-workspace': '{"folders":[]}',
      '.vscode/settings.json': '{}',
    };
    const version = await publish(files);
    const isText = (name: string) =>
      tabs().length === 1 &&
      tabs().every(
        ({ input }) =>
          input instanceof vscode.TabInputText && input.uri.toString() === uri(version, name).toString(),
      );
    for (const name of Object.keys(files)) {
      await open(version, name);
      await until(() => tabs().length === 1, `${name} is open in a tab, from the tree`);
      assert.ok(isText(name), `${name} from the tree`);
      await vscode.window.tabGroups.close(tabs());
      // As the diff of many files does.
      await vscode.commands.executeCommand('vscode.open', uri(version, name));
      await until(() => tabs().length === 1, `${name} is open in a tab, by its name`);
      assert.ok(isText(name), `${name} by its name`);
      await vscode.window.tabGroups.close(tabs());
    }
  });

  it('compares notebooks as text', async () => {
    const model = 'acme/notebooks';
    const [before, after] = [
      await publish({ 'run.ipynb': NOTEBOOK }, model),
      await publish({ 'run.ipynb': '{}' }, model),
    ];
    await vscode.commands.executeCommand('vscode.diff', uri(before, 'run.ipynb'), uri(after, 'run.ipynb'));
    await until(() => tabs().length === 1, 'the comparison is open in a tab');
    assert.ok(tabs()[0]?.input instanceof vscode.TabInputTextDiff);
  });

  it('opens text that is kept in Git LFS, and an image', async () => {
    const version = await publish({
      '.gitattributes': 'vocab.txt filter=lfs diff=lfs merge=lfs -text\n',
      'vocab.txt': 'the\nof\n',
      'dot.png': PNG,
    });
    await open(version, 'vocab.txt');
    assert.equal((await shown('vocab.txt')).getText(), 'the\nof\n');
    const { prompts } = await open(version, 'dot.png');
    assert.deepEqual(prompts.asked, []);
    await until(
      () =>
        tabs().some(
          ({ input }) =>
            input instanceof vscode.TabInputCustom &&
            input.viewType === 'imagePreview.previewEditor' &&
            input.uri.path.endsWith('dot.png'),
        ),
      'the image is open',
    );
  });

  it('offers to download what is binary or large, and asks for nothing large', async () => {
    const version = await publish({
      'weights.bin': Buffer.from([1, 2, 0, 3]),
      'large.txt': Buffer.alloc(5_000_001, 'x'),
    });
    const small = await open(version, 'weights.bin');
    assert.match(small.prompts.of('openFile.download')[0]?.text ?? '', /“weights\.bin” is not a text file/);
    const before = resolves().length;
    const large = await open(version, 'large.txt');
    const [offer] = large.prompts.of('openFile.download');
    assert.match(offer?.text ?? '', /“large\.txt” is 5 MB large\. Files of up to 5 MB can be opened here/);
    assert.deepEqual(offer?.choices, ['download']);
    assert.match(
      await reason(vscode.workspace.fs.readFile(uri(version, 'large.txt'))),
      /too large to be opened here/,
    );
    assert.equal(resolves().length, before);
    assert.deepEqual(tabs(), []);
  });

  it('downloads the file that an editor shows', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'version-files-'));
    try {
      const version = await publish({ 'deep/a.txt': 'downloaded' });
      const path = join(folder, 'a.txt');
      const { prompts } = await withPrompts({ path: { 'download.file': path } }, async () =>
        vscode.commands.executeCommand('modelRegistries.downloadFile', uri(version, 'deep/a.txt')),
      );
      assert.equal(await readFile(path, 'utf8'), 'downloaded');
      assert.equal(prompts.of('download.done').length, 1);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  for (const [status, sentence] of [
    [401, /did not accept the access token for the file “a\.txt”.* Sign in again/],
    [403, /does not permit this for the file “a\.txt”/],
    [404, /does not know the file “a\.txt”/],
  ] as const) {
    it(`says in a sentence what a ${status} means, and opens nothing`, async () => {
      const version = await publish({ 'a.txt': `not to be had: ${status}` });
      localRegistry().inject({ path: /\/resolve\//, fault: { kind: 'status', status }, times: Infinity });
      const { prompts } = await open(version, 'a.txt');
      assert.match(prompts.of('failure')[0]?.text ?? '', sentence);
      assert.equal(prompts.asked.length, 1);
      assert.deepEqual(tabs(), []);
    });
  }

  it('signs nobody out where a registry alone refuses a token that the API takes, and asks the API once', async () => {
    const version = await publish({ 'a.txt': 'not for this token' });
    const { sessions } = await testAccess();
    localRegistry().inject({ path: /\/resolve\//, fault: { kind: 'status', status: 401 }, times: Infinity });
    const checks = () => localRegistry().requests.filter(({ path }) => path.includes('access-token')).length;
    const before = checks();
    for (const read of ['once', 'and once more']) {
      const refused = await reason(vscode.workspace.fs.readFile(uri(version, 'a.txt')));
      assert.match(refused, /did not accept the access token/, read);
    }
    await until(() => checks() > before, 'the API is asked about the token');
    assert.equal(await reached(version), true);
    assert.equal(checks(), before + 1);
    assert(!sessions.isRejected(version.session));
  });

  it('asks to sign in again where a registry is the first to refuse a token that was revoked', async () => {
    await signOutOfAll();
    const token = localRegistry().addToken({
      scopes: ['read_user', 'read_organizations', 'read_registries', 'read_packages'],
    });
    await signIn(token);
    const version = await publish({ 'a.txt': 'for nobody' });
    const { sessions } = await testAccess();
    localRegistry().revokeToken(token);
    assert.match(await reason(vscode.workspace.fs.readFile(uri(version, 'a.txt'))), /access token/);
    await until(() => sessions.isRejected(version.session), 'the account asks to sign in again');
  });

  it('shows no bytes that are not those of the version', async () => {
    const version = await publish({ 'a.txt': 'true' });
    localRegistry().inject({ path: /\/resolve\//, fault: { kind: 'status', status: 200, body: 'fake' } });
    const { prompts } = await open(version, 'a.txt');
    assert.match(prompts.of('failure')[0]?.text ?? '', /sent other bytes for “a\.txt”/);
    await open(version, 'a.txt');
    assert.equal((await shown('a.txt')).getText(), 'true');
  });

  it('reads a document of an earlier window again, and says where its account is gone', async () => {
    const version = await publish({ 'a.txt': 'still here', 'b/c.txt': '' });
    const document = uri(version, 'a.txt');
    assert.equal(Buffer.from(await vscode.workspace.fs.readFile(document)).toString(), 'still here');
    await signOutOfAll();
    assert.match(await reason(vscode.workspace.fs.readFile(document)), /signed out\. Sign in again/);
    await vscode.commands.executeCommand('vscode.open', document);
    await until(() => tabs().length === 1, 'the document has a tab');
    await signIn(localRegistry().token);
    assert.equal(Buffer.from(await vscode.workspace.fs.readFile(document)).toString(), 'still here');
    assert.deepEqual(await vscode.workspace.fs.readDirectory(uri(version, '')), [
      ['a.txt', vscode.FileType.File],
      ['b', vscode.FileType.Directory],
    ]);
  });

  it('knows no path outside a version, and no address of another shape', async () => {
    const version = await publish({ 'a/b.txt': 'b' });
    const inside = uri(version, 'a/b.txt');
    const strangers = [
      vscode.Uri.joinPath(inside, '../../../../../x'),
      inside.with({ query: 'html' }),
      inside.with({ authority: 'head' }),
      inside.with({ authority: '' }),
      inside.with({ path: '/acme/other@1234567/a/b.txt' }),
      uri(version, 'a/missing.txt'),
      uri(version, '../b.txt'),
    ];
    for (const stranger of strangers) {
      await assert.rejects(
        async () => vscode.workspace.fs.readFile(stranger),
        (error) => error instanceof vscode.FileSystemError && error.code === 'FileNotFound',
        stranger.toString(),
      );
    }
  });

  it('gives up a read when its tab is closed', async () => {
    const version = await publish({ 'slow.txt': 'slow' });
    localRegistry().inject({ path: /\/resolve\//, fault: { kind: 'hang' } });
    const before = resolves().length;
    const opening = vscode.commands.executeCommand('vscode.open', uri(version, 'slow.txt'));
    await until(
      () => resolves().length > before && tabs().length === 1,
      'the file is asked for, and its tab is open',
    );
    await vscode.window.tabGroups.close(tabs());
    await opening;
    await open(version, 'slow.txt');
    assert.equal((await shown('slow.txt')).getText(), 'slow');
  });

  it('compares two versions, the older one first @oldest', async () => {
    const model = 'acme/compared';
    const older = await publish(
      {
        ...{ 'a.txt': 'one', 'gone.txt': 'gone', 'same.txt': 'same' },
        'model.safetensors': safetensors({ w: { dtype: 'F32', shape: [2, 3] } }),
      },
      model,
      'First',
    );
    const newer = await publish(
      {
        ...{ 'a.txt': 'two', 'same.txt': 'same', 'added.bin': Buffer.from([0, 1, 2]) },
        'model.safetensors': safetensors({ w: { dtype: 'BF16', shape: [2, 3] } }),
      },
      model,
      'Second',
    );
    const olderCommit = older.version.commit!.slice(0, 7);
    const newerCommit = newer.version.commit!.slice(0, 7);
    const { prompts } = await withPrompts({}, async () =>
      vscode.commands.executeCommand('modelRegistries.compareVersions', newer, [newer, older]),
    );
    await until(
      () =>
        tabs().some(({ label }) =>
          label.startsWith(`${model}: ${olderCommit} “First” ↔ ${newerCommit} “Second”`),
        ),
      'the comparison is open',
    );
    await until(() => documents().size >= 3, 'the files that differ are loaded');
    const documentOf = (version: VersionRow, path: string) =>
      documents().get(`${version.version.commit!}/${path}`);
    assert.equal(documentOf(older, 'a.txt'), 'one');
    assert.equal(documentOf(newer, 'a.txt'), 'two');
    assert.match(documentOf(newer, 'added.bin') ?? '', /^size 3\nsha256 [0-9a-f]{64}\n$/);
    assert(![...documents().keys()].some((path) => path.endsWith('same.txt')));
    await until(() => weightsTexts().length === 1, 'what changed in the weights is loaded');
    assert.match(weightsTexts()[0] ?? '', /^~ w {2}F32 → BF16 \[2, 3\]$/m);
    assert.deepEqual(
      prompts.asked.map(({ id }) => id),
      ['compare.progress'],
    );
  });

  describe('beside each other, as weights of the workspace', () => {
    const place = inWorkspace();

    it('are compared byte by byte', async () => {
      const folder = place('weights');
      await mkdir(folder);
      const before = safetensors({
        'h.0.w': { dtype: 'F32', shape: [3] },
        'h.1.w': { dtype: 'F32', shape: [3] },
      });
      const after = Buffer.from(before);
      after[after.length - 1] = 1;
      const files = ['old.safetensors', 'new.safetensors'].map((name) => vscode.Uri.file(join(folder, name)));
      const [older, newer] = files as [vscode.Uri, vscode.Uri];
      await vscode.workspace.fs.writeFile(older, before);
      await vscode.workspace.fs.writeFile(newer, after);
      await utimes(older.fsPath, 1, 1);
      const text = () => vscode.window.activeTextEditor?.document.getText() ?? '';
      const compare = async (selected: readonly vscode.Uri[]) => {
        await vscode.commands.executeCommand('workbench.action.closeAllEditors');
        const { prompts } = await withPrompts(
          { pick: { 'compareWeights.other': 'old.safetensors' } },
          async () => vscode.commands.executeCommand('modelRegistries.compareWeights', newer, selected),
        );
        await until(
          () => text().startsWith('old.safetensors → new.safetensors\n'),
          'the comparison is in front',
        );
        assert.match(text(), /^~ h\.1\.w {2}F32 \[3\], other values$/m);
        assert.match(text(), /^The same to the byte: 1$/m);
        return prompts.asked.map(({ id }) => id);
      };
      assert.deepEqual(await compare([newer, older]), ['compareWeights.progress']);
      assert.deepEqual(await compare([newer]), ['compareWeights.other', 'compareWeights.progress']);
    });
  });

  it('offers the other versions to compare with, and says so where nothing differs', async () => {
    const model = 'acme/unchanged';
    const one = await publish({ 'a.txt': 'a' }, model, 'One');
    await publish({ 'a.txt': 'a', 'b.txt': 'b' }, model, 'Two\n\nAnd more');
    const three = await publish({ 'a.txt': 'a', 'b.txt': 'b' }, model, 'Three');
    const compare = (row: unknown, selected: readonly VersionRow[], pick: string) =>
      withPrompts({ pick: { 'compare.version': pick } }, async () =>
        vscode.commands.executeCommand('modelRegistries.compareVersions', row, selected),
      );
    const { session, version: newest } = three;
    const ofModel = { kind: 'model', session, registry: newest.registry, model, newest };
    const { prompts } = await compare(ofModel, [], 'Two');
    assert.deepEqual([...(prompts.of('compare.version')[0]?.choices ?? [])].sort(), ['One', 'Two']);
    // Of several that are selected it is asked which one is meant.
    const four = await publish({ 'a.txt': 'a' }, model, 'Four');
    const asked = await compare(three, [one, three, four], 'Nothing');
    assert.deepEqual([...(asked.prompts.of('compare.version')[0]?.choices ?? [])].sort(), ['Four', 'One']);
    assert.match(prompts.of('compare.same')[0]?.text ?? '', /No differences: acme\/unchanged@/);
    assert.deepEqual(tabs(), []);
  });

  describe('beside HEAD', () => {
    const folder = () => join(workspaceFolder(), 'language-detection');
    const git = (...args: string[]) => execFileSync('git', args, { cwd: folder() });
    const head = () => git('rev-parse', 'HEAD').toString().trim();
    /** What the commit holds, with the content of the LFS object. */
    const committed = async (): Promise<Record<string, string | Buffer>> => {
      const files: Record<string, Buffer> = {};
      for (const path of git('ls-tree', '-r', '-z', '--name-only', 'HEAD').toString().split('\0')) {
        if (path === '') continue;
        files[path] = path.endsWith('.bin')
          ? await readFile(join(folder(), path))
          : git('show', `HEAD:${path}`);
      }
      return files;
    };
    const compareWithHead = (row: VersionRow) =>
      withPrompts({}, async () => vscode.commands.executeCommand('modelRegistries.compareWithHead', row));

    it('says so where nothing differs', async () => {
      const version = await publish(await committed());
      const { prompts } = await compareWithHead(version);
      assert.match(
        prompts.of('compare.same')[0]?.text ?? '',
        /No differences: .* HEAD of language-detection/,
      );
    });

    it('asks first where no file is the same, as in the repository of another model', async () => {
      const version = await publish({ 'other.txt': 'other' });
      const { prompts } = await compareWithHead(version);
      assert.deepEqual(
        prompts.asked.map(({ id }) => id),
        ['compare.progress', 'compare.unrelated'],
      );
      assert.deepEqual(tabs(), []);
    });

    it('shows what publishing HEAD would change, large files by size and hash @oldest', async () => {
      const { LICENSE: license, ...files } = await committed();
      assert(license);
      const weights = Object.keys(files).find((path) => path.endsWith('.bin'))!;
      const version = await publish({
        ...files,
        'config.json': '{"old":true}\n',
        [weights]: Buffer.from([0, 1]),
        'old.txt': 'old',
      });
      await compareWithHead(version);
      const there = version.version.commit!;
      const here = head();
      await until(
        () => tabs().some(({ label }) => label.includes('↔ HEAD of language-detection')),
        'the comparison with HEAD is open',
      );
      await until(
        () => documents().has(`${here}/config.json`) && documents().has(`${there}/config.json`),
        'both sides of config.json are loaded',
      );
      const shownDocuments = new Map(
        [...documents()].filter(([path]) => path.startsWith(there) || path.startsWith(here)),
      );
      assert.equal(shownDocuments.get(`${there}/config.json`), '{"old":true}\n');
      assert.equal(shownDocuments.get(`${here}/config.json`), files['config.json']?.toString());
      assert(![...shownDocuments.keys()].some((path) => /README\.md|model\.json/.test(path)));
      const headSide: FileAddress = {
        kind: 'head',
        folder: folder(),
        commit: head() as GitObjectId,
        path: weights,
        gitSha1: head() as GitObjectId,
        size: 7,
        sha256: undefined,
        shown: 'digest',
      };
      const digest = Buffer.from(await vscode.workspace.fs.readFile(uriOf(headSide))).toString();
      assert.equal(digest, `size 7\ngit-sha1 ${head()}\n`);
      for (const [path, text] of shownDocuments) {
        if (path.endsWith('.bin')) assert.match(text, /^size \d+\nsha256 [0-9a-f]{64}\n$/);
      }
    });

    it('reads no repository outside the workspace', async () => {
      const address: FileAddress = {
        kind: 'head',
        folder: join(folder(), '..', '..'),
        commit: head() as GitObjectId,
        path: 'x',
        gitSha1: head() as GitObjectId,
        size: 1,
        sha256: undefined,
        shown: 'text',
      };
      assert.match(await reason(vscode.workspace.fs.readFile(uriOf(address))), /not in this workspace/);
    });
  });
});
