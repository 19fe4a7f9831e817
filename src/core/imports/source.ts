import * as l10n from '@vscode/l10n';
import type { AccessToken } from '../accessToken.ts';
import { Failure } from '../failure.ts';
import type { HttpClient } from '../http/client.ts';
import { listCommits } from '../hub/commitList.ts';
import { connectionTo, type HubConnection } from '../hub/connection.ts';
import { readFileMetadata } from '../hub/fileMetadata.ts';
import { type KnownFile, knownFile, listKnownFiles } from '../hub/knownFiles.ts';
import { listAllFiles } from '../hub/fileList.ts';
import { readModelInfo, type ModelInfo } from '../hub/modelInfo.ts';
import type { Log } from '../log.ts';
import { asGitObjectId, type GitObjectId } from '../objectIds.ts';
import { failedAtSource, gatedSource } from './failures.ts';

/** A model of a hub, to be imported from there. */
export interface SourceModel {
  /** What `HF_ENDPOINT` would hold. */
  readonly endpoint: URL;
  /** Goes to the endpoint's own origin only; of nobody, where it authorizes nothing there. */
  readonly token: AccessToken;
  /** As it is asked for: the server may lead on to another id. */
  readonly model: string;
  /** A branch, tag or commit. */
  readonly revision: string;
}

/** A version of a model of a hub, looked at by reading only. */
export interface ModelSource extends SourceModel {
  /** The model's own id. */
  readonly model: string;
  /** The id that was asked for, where the server led on from it: it may be another model by now. */
  readonly ledFrom: string | undefined;
  /** Where the model is, for people: the endpoint and the id. */
  readonly address: string;
  /** What the revision led to. All files are those of this commit. */
  readonly commit: GitObjectId;
  /** First line of the commit's message, as far as the server tells. */
  readonly subject: string | undefined;
  readonly committedAt: Date | undefined;
  /** Whether its owners decide who may read its files; this account may. */
  readonly isGated: boolean;
  /** As its card names them; empty where it names none. */
  readonly licenses: readonly string[];
  /** Every file of the commit. */
  readonly files: readonly KnownFile[];
}

export interface SourceServices {
  readonly http: HttpClient;
  /** Redacts already. */
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * Looks at a version of a model: what the revision leads to, and the files of that commit with their sizes and hashes.
 *
 * @throws Failure whose `source` is the hub: `forbidden` where its files are not for this account, and says where that
 *   is changed; and the signal's reason when aborted.
 */
export async function readSource(
  asked: SourceModel,
  { http, log, signal }: SourceServices,
): Promise<ModelSource> {
  try {
    const info = await infoOf(asked, http, signal);
    const commit = commitOf(asked, info);
    const hub = connectionTo(asked, info.id, http);
    const address = addressOf(asked.endpoint, info.id);
    const [files, subject] = await Promise.all([
      filesOf(hub, commit, info, address, signal),
      subjectOf(hub, commit, log, signal),
    ]);
    const isElsewhere = info.id !== asked.model;
    if (isElsewhere) log.info(`${asked.endpoint.host} leads from ${asked.model} to ${info.id}.`);
    return {
      ...{ endpoint: asked.endpoint, token: asked.token, model: info.id, revision: asked.revision },
      ledFrom: isElsewhere ? asked.model : undefined,
      ...{ address, commit, subject, files },
      committedAt: info.modifiedAt,
      isGated: info.isGated,
      licenses: info.licenses,
    };
  } catch (error) {
    signal.throwIfAborted();
    throw failedAtSource(error, asked.endpoint);
  }
}

/** Where a model is, for people and in messages. Its parts are quoted, so that it is one word. */
export function addressOf(endpoint: URL, model: string): string {
  return `${endpoint.href.replace(/\/+$/, '')}/${model.split('/').map(encodeURIComponent).join('/')}`;
}

async function infoOf(asked: SourceModel, http: HttpClient, signal: AbortSignal): Promise<ModelInfo> {
  const { endpoint, model, revision } = asked;
  const info = await readModelInfo(connectionTo(asked, model, http), revision, signal);
  if (info !== undefined) return info;
  const isAnonymous = asked.token.authorizationFor(endpoint) === undefined;
  throw new Failure(
    'notFound',
    isAnonymous
      ? l10n.t(
          '{0} has no model “{1}” with the revision “{2}”, or shows it only to those who sign in. Check the names, or sign in there.',
          ...[endpoint.host, model, revision],
        )
      : l10n.t(
          '{0} has no model “{1}” with the revision “{2}”. Check the names, and that the access token for {0} may see it.',
          ...[endpoint.host, model, revision],
        ),
  );
}

function commitOf({ endpoint, model, revision }: SourceModel, { commit }: ModelInfo): GitObjectId {
  const id = commit === undefined ? undefined : asGitObjectId(commit);
  if (id !== undefined) return id;
  throw new Failure(
    'protocol',
    l10n.t(
      '{0} gives the revision “{2}” of “{1}” no commit id that would tell it from later ones, so it cannot be imported. Ask its operators, or download the model and publish the folder.',
      ...[endpoint.host, model, revision],
    ),
  );
}

/**
 * The files of the commit. Whether this account may have them is asked before anything is planned; where not, a gated
 * model's list of files hides their hashes.
 */
async function filesOf(
  hub: HubConnection,
  commit: GitObjectId,
  { isGated }: ModelInfo,
  address: string,
  signal: AbortSignal,
): Promise<readonly KnownFile[]> {
  if (!isGated) return listKnownFiles(hub, commit, signal);
  try {
    const listed = (await listAllFiles(hub, commit, signal)) ?? [];
    const kept = listed.find(({ path }) => !OPEN_TO_ALL.has(path));
    if (kept !== undefined) await readFileMetadata(hub, commit, kept.path, signal);
    const known = listed.flatMap((file) => knownFile(file) ?? []);
    return known.length === listed.length && known.length > 0
      ? known
      : await listKnownFiles(hub, commit, signal);
  } catch (error) {
    const isRefused = error instanceof Failure && (error.kind === 'forbidden' || error.kind === 'auth');
    throw isRefused ? gatedSource(address, error) : error;
  }
}

/** The Hub gives these to everybody, whoever may have the other files. */
const OPEN_TO_ALL = new Set(['README.md', 'LICENSE', 'LICENSE.md', 'LICENSE.txt']);

async function subjectOf(
  hub: HubConnection,
  commit: GitObjectId,
  log: Log,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const [own] = (await listCommits(hub, commit, signal, { retries: 1 })) ?? [];
    const [title = ''] = own?.id === commit ? own.message.split(/\r?\n/, 1) : [];
    return title.trim() === '' ? undefined : title.trim();
  } catch (error) {
    signal.throwIfAborted();
    log.info(`The message of ${commit} could not be asked for: ${String(error)}`);
    return undefined;
  }
}
