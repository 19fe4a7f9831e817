import { createDownloader } from '../../core/download/downloader.ts';
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import type {
  DownloadDestination,
  Downloader,
  DownloadOutcome,
  DownloadPlan,
  DownloadSource,
} from '../../core/download/downloading.ts';
import { progressReports } from '../../core/download/progressReports.ts';
import { Failure } from '../../core/failure.ts';
import type { ModelVersion, RegistryKey } from '../../core/hosts/host.ts';
import { asGitObjectId } from '../../core/objectIds.ts';
import { sessionOf as accountNow, type Session } from '../accounts/sessions.ts';
import { usableSession, usableSessions } from '../accounts/usableSessions.ts';
import { showFailure } from '../failureNotice.ts';
import { rememberDownload } from '../downloadMemory.ts';
import { versionOfRow } from '../newestVersion.ts';
import { shortSha } from '../wording.ts';
import { asRow } from '../rows.ts';
import type { Services } from '../services.ts';
import { versionFileOf } from '../versionFiles/documents.ts';
import { sessionOf } from '../versionFiles/fileContents.ts';
import { foldersOnDisk } from '../workspace.ts';
import { hfCache } from '../hfCache.ts';
import { type Agreement, askAgreement } from './agreement.ts';
import { targetFolder } from './targetFolder.ts';
import { cancelledSentence, downloadedSentence, progressMessage } from './texts.ts';

/** Where the folder dialog begins the next time. */
const LAST_FOLDER = 'downloads.lastFolder';

/** What is downloaded where to, once a person has chosen. */
interface Download {
  readonly session: Session;
  readonly registry: RegistryKey;
  readonly source: DownloadSource;
  readonly destination: DownloadDestination;
  /** One file of the version; absent for all. */
  readonly file?: string;
  /** Files that are wanted of a version, where not all are. */
  readonly only?: readonly string[];
}

/** The downloads of a window. */
export class Downloads {
  readonly #services: Services;
  readonly #downloader: Downloader;

  constructor(services: Services) {
    this.#services = services;
    this.#downloader = createDownloader(services);
  }

  async toFolder(argument: unknown): Promise<void> {
    const asked = await askedVersion(argument);
    const path = asked && (await askFolder(this.#services, asked.source));
    if (asked && path !== undefined) await this.#begin({ ...asked, destination: { kind: 'folder', path } });
  }

  async toCache(argument: unknown): Promise<void> {
    const asked = await askedVersion(argument);
    if (asked) await this.#begin({ ...asked, destination: { kind: 'cache', ...knownCacheFolder() } });
  }

  async file(argument: unknown): Promise<void> {
    const asked = await askedFile(this.#services, argument);
    const path = asked && (await askFile(this.#services, asked.file));
    if (asked && path !== undefined) await this.#begin({ ...asked, destination: { kind: 'file', path } });
  }

  async #begin(download: Download): Promise<void> {
    await untilDone(this.#services, this.#downloader, download);
  }
}

type Asked = Pick<Download, 'session' | 'registry' | 'source'>;

/** The version of a row, or the newest of a model's row, where it is a commit. */
async function askedVersion(argument: unknown): Promise<Asked | undefined> {
  const row = await versionOfRow(asRow(argument));
  const source = row && sourceOf(row.session, row.version);
  return source && { session: row.session, registry: row.version.registry, source };
}

/** The file of a row, or the one that the document in an editor shows. */
async function askedFile(
  services: Services,
  argument: unknown,
): Promise<(Asked & { readonly file: string }) | undefined> {
  if (argument instanceof vscode.Uri) {
    const address = versionFileOf(argument);
    if (!address) return undefined;
    const { account, organization, registry, model, commit } = address.version;
    const session = await sessionOf(services, account);
    const key = { organization, slug: registry };
    return {
      session,
      registry: key,
      source: { hub: session.host.hub(key), model, commit },
      file: address.path,
    };
  }
  const row = asRow(argument);
  if (row?.kind !== 'file') return undefined;
  const { session, version, path } = row;
  const source = sourceOf(session, version);
  return source && { session, registry: version.registry, source, file: path };
}

function sourceOf(session: Session, { registry, model, commit }: ModelVersion): DownloadSource | undefined {
  return commit && { hub: session.host.hub(registry), model, commit };
}

/**
 * Downloads, and again as often as a person wants to go on after a cancel or a failure: hours later, perhaps, with the
 * account that is signed in by then.
 */
async function untilDone(services: Services, downloader: Downloader, asked: Download): Promise<void> {
  const { prompts, log } = services;
  try {
    const download = await withAccount(services, asked);
    const plan = await planned(services, downloader, download);
    const agreement = await askAgreement(services, plan, download.file);
    if (agreement.kind === 'no') return;
    if (agreement.kind !== 'yes') {
      const instead = await insteadOf(services, download, agreement);
      if (instead) await untilDone(services, downloader, instead);
      return;
    }
    const outcome = await carriedOut(services, downloader, plan, agreement);
    if (outcome.kind === 'downloaded') await remember(services, download, outcome.path);
    // Nothing else tells the view of local models of it.
    if (plan.destination.kind === 'cache') {
      void vscode.commands.executeCommand('modelRegistries.refreshLocalModels');
    }
    if (outcome.kind === 'failed') throw outcome.failure;
    await tell(services, plan, outcome, () => untilDone(services, downloader, asked));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    log.warn(`download: ${error.kind}: ${error.message}`);
    await showFailure(prompts, error, () => untilDone(services, downloader, asked));
  }
}

/** With the session that its account has now. Throws `auth` where that is signed out, or its token refused. */
async function withAccount(services: Services, download: Download): Promise<Download> {
  const { accountId } = download.session;
  const session =
    accountNow(usableSessions(services.sessions), accountId) ??
    (await usableSession(services, (id) => id === accountId));
  return { ...download, session, source: { ...download.source, hub: session.host.hub(download.registry) } };
}

/** So that the folder is known for what it is, in any window. */
async function remember(
  { globalMemory }: Services,
  { session: { accountId }, registry: { organization, slug }, source, destination }: Download,
  folder: string,
): Promise<void> {
  const commit = asGitObjectId(source.commit);
  if (destination.kind === 'file' || commit === undefined) return;
  const from = { accountId, organization, registry: slug, model: source.model, commit };
  await rememberDownload(globalMemory, folder, from);
}

/** What a person chose to download in place of it; undefined where they left the dialog. */
async function insteadOf(
  services: Services,
  download: Download,
  chosen: Extract<Agreement, { kind: 'toFolder' | 'only' }>,
): Promise<Download | undefined> {
  if (chosen.kind === 'only') return { ...download, only: chosen.paths };
  const path = await askFolder(services, download.source);
  return path === undefined ? undefined : { ...download, destination: { kind: 'folder', path } };
}

function planned(
  { prompts }: Services,
  downloader: Downloader,
  { source, destination, file, only }: Download,
): Promise<DownloadPlan> {
  const paths = file === undefined ? only : [file];
  return prompts.progress(
    {
      id: 'download.plan',
      title: vscode.l10n.t('Checking what is needed of {0} at {1}', source.model, shortSha(source.commit)),
      cancellable: true,
    },
    (_report, signal) => downloader.plan(source, destination, { signal, ...(paths && { paths }) }),
  );
}

function carriedOut(
  { prompts }: Services,
  downloader: Downloader,
  plan: DownloadPlan,
  { differing, cacheConflict }: Extract<Agreement, { kind: 'yes' }>,
): Promise<DownloadOutcome> {
  return prompts.progress(
    {
      id: 'download.progress',
      title: vscode.l10n.t('Downloading {0} at {1}', plan.source.model, shortSha(plan.source.commit)),
      cancellable: true,
    },
    (report, signal) => {
      const onProgress = progressReports(
        (progress, increment) => report({ message: progressMessage(progress), increment }),
        () => performance.now(),
      );
      return downloader.download(plan, {
        onProgress,
        signal,
        differing,
        ...(cacheConflict && { cacheConflict }),
      });
    },
  );
}

async function tell(
  { prompts }: Services,
  plan: DownloadPlan,
  outcome: Exclude<DownloadOutcome, { kind: 'failed' }>,
  again: () => Promise<void>,
): Promise<void> {
  if (outcome.kind === 'cancelled') {
    const chosen = await prompts.notify({
      id: 'download.cancelled',
      severity: 'information',
      message: cancelledSentence(plan),
      actions: [{ id: 'goOn', label: vscode.l10n.t('Resume') }],
    });
    if (chosen === 'goOn') await again();
    return;
  }
  const chosen = await prompts.notify({
    id: 'download.done',
    severity: outcome.kept.length > 0 ? 'warning' : 'information',
    message: downloadedSentence(plan, outcome),
    actions: [
      { id: 'open', label: vscode.l10n.t('Open Folder') },
      { id: 'copyPath', label: vscode.l10n.t('Copy Path') },
    ],
  });
  if (chosen === 'copyPath') await prompts.copy(outcome.path);
  if (chosen === 'open') {
    await openFolder(plan.destination.kind === 'file' ? dirname(outcome.path) : outcome.path);
  }
}

/** In the Explorer where it belongs to the workspace, in a window of its own otherwise. */
async function openFolder(path: string): Promise<void> {
  const uri = vscode.Uri.file(path);
  if (vscode.workspace.getWorkspaceFolder(uri)) await vscode.commands.executeCommand('revealInExplorer', uri);
  else await vscode.commands.executeCommand('vscode.openFolder', uri, { forceNewWindow: true });
}

async function askFolder(
  { prompts, globalMemory }: Services,
  { model, commit }: DownloadSource,
): Promise<string | undefined> {
  const last = globalMemory.get<string>(LAST_FOLDER);
  const chosen = await prompts.openFolder({
    id: 'download.folder',
    title: vscode.l10n.t('Folder for {0} at {1}', model, shortSha(commit)),
    action: vscode.l10n.t('Download Here'),
    start: typeof last === 'string' ? vscode.Uri.file(last) : foldersOnDisk()[0]?.uri,
  });
  if (!chosen) return undefined;
  const path = localPath(chosen);
  await globalMemory.update(LAST_FOLDER, path);
  return targetFolder(path, model);
}

async function askFile({ prompts }: Services, path: string): Promise<string | undefined> {
  const name = basename(path);
  const folder = foldersOnDisk()[0]?.uri;
  const chosen = await prompts.saveFile({
    id: 'download.file',
    title: vscode.l10n.t('Download {0}', path),
    action: vscode.l10n.t('Download'),
    start: folder ? vscode.Uri.joinPath(folder, name) : vscode.Uri.file(name),
  });
  return chosen && localPath(chosen);
}

function localPath(uri: vscode.Uri): string {
  if (uri.scheme === 'file') return uri.fsPath;
  throw new Failure(
    'disk',
    vscode.l10n.t('Models can only be downloaded to folders on a disk. Choose another one.'),
  );
}

function knownCacheFolder() {
  const known = hfCache();
  if (known) return known;
  throw new Failure(
    'disk',
    vscode.l10n.t(
      'HF_HUB_CACHE or HF_HOME names no absolute path, so it is not known where the Hugging Face cache is. Set it to one and restart VS Code.',
    ),
  );
}
