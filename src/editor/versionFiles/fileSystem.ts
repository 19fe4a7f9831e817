import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { RemoteFile } from '../../core/hub/remoteFile.ts';
import type { Log } from '../../core/log.ts';
import { isAbort } from '../commands.ts';
import type { FileAddress } from './fileAddress.ts';
import { fileAddressOf, SCHEME } from './fileAddress.ts';
import type { FileContents } from './fileContents.ts';
import { digestOf, isText } from './fileKinds.ts';

/**
 * The files of versions, and those of HEAD that they are compared with, as VS Code's editors, previews and diffs read
 * them. Nothing can be written. What cannot be read says why in place of the content.
 */
export function registerFileSystem(contents: FileContents, log: Log): vscode.Disposable {
  const changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  const reads = readsByTab();

  const answer = async <T>(
    uri: vscode.Uri,
    task: (address: FileAddress, signal: AbortSignal) => Promise<T>,
  ) => {
    const address = fileAddressOf(uri);
    if (!address) throw vscode.FileSystemError.FileNotFound(uri);
    const { signal, end } = reads.begin(uri);
    try {
      return await task(address, signal);
    } catch (error) {
      if (!isAbort(error)) log.warn(`version files: ${address.path}: ${String(error)}`);
      throw asFileSystemError(error);
    } finally {
      end();
    }
  };

  const stat = (uri: vscode.Uri): Promise<vscode.FileStat> =>
    answer(uri, async (address, signal) => {
      if (address.kind === 'head') return fileStat(address.size);
      if (address.path === '') return folderStat;
      const file = await contents.file(address.version, address.path, signal);
      if (file) return fileStat(file.size ?? (await contents.read(address.version, file, signal)).length);
      const listing = await contents.list(address.version, signal);
      if (childrenIn(listing.keys(), address.path).length === 0)
        throw vscode.FileSystemError.FileNotFound(uri);
      return folderStat;
    });

  const readFile = (uri: vscode.Uri): Promise<Uint8Array> =>
    answer(uri, async (address, signal) => {
      if (address.kind === 'head') {
        return shownOf(address, address.shown, () => contents.readHead(address, signal));
      }
      const file = await contents.file(address.version, address.path, signal);
      if (!file) throw vscode.FileSystemError.FileNotFound(uri);
      return shownOf(file, address.shown, () => contents.read(address.version, file, signal));
    });

  const readDirectory = (uri: vscode.Uri): Promise<[string, vscode.FileType][]> =>
    answer(uri, async (address, signal) => {
      if (address.kind === 'head') throw vscode.FileSystemError.FileNotADirectory(uri);
      const listing = await contents.list(address.version, signal);
      return childrenIn(listing.keys(), address.path);
    });

  const refuse = (uri: vscode.Uri): never => {
    throw vscode.FileSystemError.NoPermissions(uri);
  };

  const provider: vscode.FileSystemProvider = {
    onDidChangeFile: changed.event,
    // A version never changes.
    watch: () => new vscode.Disposable(() => undefined),
    stat,
    readFile,
    readDirectory,
    createDirectory: refuse,
    writeFile: refuse,
    delete: refuse,
    rename: refuse,
  };
  return vscode.Disposable.from(
    changed,
    reads,
    vscode.workspace.registerFileSystemProvider(SCHEME, provider, {
      isCaseSensitive: true,
      isReadonly: new vscode.MarkdownString(
        vscode.l10n.t('This file belongs to a commit, and a commit does not change.'),
      ),
    }),
  );
}

async function shownOf(
  file: Pick<RemoteFile, 'size' | 'sha256' | 'gitSha1'>,
  shown: FileAddress['shown'],
  read: () => Promise<Buffer>,
): Promise<Uint8Array> {
  const digest = () => new TextEncoder().encode(digestOf(file));
  if (shown === 'digest') return digest();
  const bytes = await read();
  return shown === 'bytes' || isText(bytes) ? bytes : digest();
}

function fileStat(size: number): vscode.FileStat {
  return {
    type: vscode.FileType.File,
    ctime: 0,
    mtime: 0,
    size,
    permissions: vscode.FilePermission.Readonly,
  };
}

const folderStat: vscode.FileStat = { type: vscode.FileType.Directory, ctime: 0, mtime: 0, size: 0 };

/** The entries right below `folder`, which is empty for the root. */
function childrenIn(paths: Iterable<string>, folder: string): [string, vscode.FileType][] {
  const prefix = folder === '' ? '' : `${folder}/`;
  const children = new Map<string, vscode.FileType>();
  for (const path of paths) {
    if (!path.startsWith(prefix)) continue;
    const [name = '', ...below] = path.slice(prefix.length).split('/');
    children.set(name, below.length > 0 ? vscode.FileType.Directory : vscode.FileType.File);
  }
  return [...children];
}

function asFileSystemError(error: unknown): unknown {
  if (!(error instanceof Failure)) return error;
  return error.kind === 'auth' || error.kind === 'forbidden'
    ? vscode.FileSystemError.NoPermissions(error.message)
    : vscode.FileSystemError.Unavailable(error.message);
}

interface ReadsByTab {
  /** The signal aborts when the last tab of `uri` is closed. `end` has to be called whatever comes of the read. */
  begin(uri: vscode.Uri): { readonly signal: AbortSignal; readonly end: () => void };
  dispose(): void;
}

/** VS Code tells a file system of no cancellation, but it tells of closed tabs. */
function readsByTab(): ReadsByTab {
  const underWay = new Map<AbortController, string>();
  const subscription = vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
    const open = new Set(vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.flatMap(documentsOf)));
    const gone = new Set(closed.flatMap(documentsOf).filter((uri) => !open.has(uri)));
    for (const [controller, uri] of underWay) {
      if (gone.has(uri)) controller.abort();
    }
  });
  return {
    begin(uri) {
      const controller = new AbortController();
      underWay.set(controller, uri.toString());
      return { signal: controller.signal, end: () => void underWay.delete(controller) };
    },
    dispose() {
      subscription.dispose();
      for (const controller of underWay.keys()) controller.abort();
    },
  };
}

function documentsOf({ input }: vscode.Tab): string[] {
  if (input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom)
    return [input.uri.toString()];
  if (input instanceof vscode.TabInputTextDiff) return [input.original.toString(), input.modified.toString()];
  return [];
}
