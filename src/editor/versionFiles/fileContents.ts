import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import { listAllFiles } from '../../core/hub/fileList.ts';
import { connectionTo, type HubConnection } from '../../core/hub/connection.ts';
import type { RemoteFile } from '../../core/hub/remoteFile.ts';
import { isHashName } from '../../core/objectIds.ts';
import { readFileContent } from '../../core/hub/fileContent.ts';
import type { WeightsSide } from '../../core/weights/compareWeights.ts';
import type { Session } from '../accounts/sessions.ts';
import { usableSession } from '../accounts/usableSessions.ts';
import { knownGit } from '../git/gitExtension.ts';
import type { Services } from '../services.ts';
import { accountKey, type HeadFileAddress, type VersionAddress } from './fileAddress.ts';
import { Recent } from './recent.ts';
import { SharedLoads } from './sharedLoads.ts';
import { isInWorkspace, isWithinAny } from '../workspace.ts';

/** Larger files are not opened. Bytes. */
export const MOST_BYTES = 5_000_000;

/** Contents kept, in bytes, and lists of files, in files. */
const KEPT_BYTES = 32 * 1024 * 1024;
const KEPT_FILES = 200_000;

/** The files of a version by path. */
export type Listing = ReadonlyMap<string, RemoteFile>;

/** What is known of one account's versions. */
interface Known {
  readonly lists: Recent<Listing>;
  readonly files: Recent<RemoteFile>;
}

/**
 * The files behind addresses. What never changes is kept: the list of files of a version that is named by a hash for as
 * long as the account is signed in with the same token, and contents under their own hash. Every call throws a
 * `Failure`, `auth` where the account is gone, or the signal's reason when aborted.
 */
export class FileContents {
  readonly #services: Pick<Services, 'http' | 'log' | 'sessions'>;
  readonly #contents = new Recent<Buffer>(KEPT_BYTES, (bytes) => bytes.length);
  readonly #known = new WeakMap<Session, Known>();
  readonly #listLoads = new SharedLoads<Listing>();
  readonly #contentLoads = new SharedLoads<Buffer>();

  constructor(services: Pick<Services, 'http' | 'log' | 'sessions'>) {
    this.#services = services;
  }

  async list(version: VersionAddress, signal: AbortSignal): Promise<Listing> {
    const session = await sessionOf(this.#services, version.account);
    const key = JSON.stringify(version);
    const { lists } = this.#knownOf(session, version);
    return (
      lists.get(key) ??
      this.#listLoads.get(key, signal, async (loading) => {
        const hub = this.#hubOf(session, version);
        const files = await listAllFiles(hub, version.commit, loading);
        if (!files) throw notListed(hub.endpoint, version);
        const listing = new Map(files.map((file) => [file.path, file]));
        lists.set(key, listing);
        return listing;
      })
    );
  }

  /** A file of the version's list; undefined where that has no such path. */
  async file(version: VersionAddress, path: string, signal: AbortSignal): Promise<RemoteFile | undefined> {
    const session = await sessionOf(this.#services, version.account);
    const { files } = this.#knownOf(session, version);
    return files.get(fileKey(version, path)) ?? (await this.list(version, signal)).get(path);
  }

  /** Spares asking for the list: `file` is of it. */
  know(version: VersionAddress, file: RemoteFile): void {
    const { all } = this.#services.sessions;
    const session = all.find(({ accountId }) => accountKey(accountId) === version.account);
    if (session) this.#knownOf(session, version).files.set(fileKey(version, file.path), file);
  }

  /** `refused` where the file is larger than {@link MOST_BYTES}. */
  async read(version: VersionAddress, file: RemoteFile, signal: AbortSignal): Promise<Buffer> {
    // Before the contents that are kept: they are not for an account that signed out.
    const session = await sessionOf(this.#services, version.account);
    if (file.size !== undefined && file.size > MOST_BYTES) throw tooLarge(file.path);
    const hash = file.sha256 ?? file.gitSha1;
    const key = hash ?? fileKey(version, file.path);
    return (
      this.#contents.get(key) ??
      this.#contentLoads.get(fileKey(version, file.path), signal, async (loading) => {
        const hub = this.#hubOf(session, version);
        const content = await readFileContent(hub, version.commit, file, MOST_BYTES, loading);
        if (hash !== undefined || isHashName(version.commit)) this.#contents.set(key, content);
        return content;
      })
    );
  }

  /** The weights of a version, whose headers can be read. */
  async weightsSide(version: VersionAddress, signal: AbortSignal): Promise<WeightsSide> {
    const session = await sessionOf(this.#services, version.account);
    const files = [...(await this.list(version, signal)).values()];
    const { versionSide } = await import('../../core/weights/weightsSides.ts');
    return versionSide(this.#hubOf(session, version), version.commit, files);
  }

  /**
   * Only from the workspace's own repositories and those that Source Control shows, as one around a folder of the
   * workspace, and only while it is trusted.
   */
  async readHead({ folder, path, size, gitSha1 }: HeadFileAddress, signal: AbortSignal): Promise<Buffer> {
    if (!vscode.workspace.isTrusted) throw untrusted();
    const { program, repositories } = await knownGit();
    if (!(await isInWorkspace(folder)) && !(await isWithinAny(folder, repositories)))
      throw foreignRepository(folder);
    if (size > MOST_BYTES) throw tooLarge(path);
    const kept = this.#contents.get(gitSha1);
    if (kept) return kept;
    const { readBlob } = await import('../../core/snapshot/git/readBlob.ts');
    const content = await readBlob(folder, gitSha1, { signal, log: this.#services.log, git: program });
    this.#contents.set(gitSha1, content);
    return content;
  }

  /** Nothing where the version may be published anew under its name, as a release may. */
  #knownOf(session: Session, { commit }: VersionAddress): Known {
    const isKept = isHashName(commit);
    const known = (isKept ? this.#known.get(session) : undefined) ?? {
      lists: new Recent<Listing>(KEPT_FILES, (files) => Math.max(1, files.size)),
      files: new Recent<RemoteFile>(KEPT_FILES, () => 1),
    };
    if (isKept) this.#known.set(session, known);
    return known;
  }

  #hubOf({ host }: Session, { organization, registry, model }: VersionAddress): HubConnection {
    return connectionTo(host.hub({ organization, slug: registry }), model, this.#services.http);
  }
}

/** The session of an address's account, once the accounts are known. Throws `auth` where it cannot be used. */
export function sessionOf(services: Pick<Services, 'sessions'>, account: string): Promise<Session> {
  return usableSession(services, (accountId) => accountKey(accountId) === account);
}

function fileKey(version: VersionAddress, path: string): string {
  return JSON.stringify([version, path]);
}

function notListed({ host }: URL, { model }: VersionAddress): Failure {
  return new Failure(
    'notFound',
    vscode.l10n.t('{0} does not list the files of this version of “{1}”.', host, model),
  );
}

function tooLarge(path: string): Failure {
  return new Failure(
    'refused',
    vscode.l10n.t('“{0}” is too large to be opened here. Download it instead.', path),
    { paths: [path] },
  );
}

function untrusted(): Failure {
  return new Failure(
    'refused',
    vscode.l10n.t('This workspace is not trusted, so no Git repository in it is read.'),
  );
}

function foreignRepository(folder: string): Failure {
  return new Failure('refused', vscode.l10n.t('“{0}” is not in this workspace, so it is not read.', folder));
}
