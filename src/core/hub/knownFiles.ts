import * as l10n from '@vscode/l10n';
import { allOf } from '../async/allOf.ts';
import { Failure } from '../failure.ts';
import type { CommitName, GitObjectId, Sha256 } from '../objectIds.ts';
import type { HubConnection } from './connection.ts';
import { listAllFiles } from './fileList.ts';
import { readFileMetadata } from './fileMetadata.ts';
import { readHead } from './head.ts';
import { pathOnly, type RemoteFile } from './remoteFile.ts';

const QUESTIONS_AT_ONCE = 8;

/** A file of a commit of which enough is told to hold its content against. */
export type KnownFile = RemoteFile & {
  /** Bytes of the content. */
  readonly size: number;
} & ({ readonly sha256: Sha256 } | { readonly sha256: undefined; readonly gitSha1: GitObjectId });

/**
 * Every file of a commit, with the size and the hash that its content has to have. Where the server's list of files
 * does not tell them, it is asked for each.
 *
 * @throws Failure, and the signal's reason when aborted.
 */
export async function listKnownFiles(
  hub: HubConnection,
  commit: CommitName,
  signal: AbortSignal,
): Promise<readonly KnownFile[]> {
  const listed = await listedFiles(hub, commit, signal);
  return allOf(listed, QUESTIONS_AT_ONCE, signal, async (file, either) => {
    const known = knownFile(file) ?? knownFile(await readFileMetadata(hub, commit, file.path, either));
    if (known !== undefined) return known;
    throw new Failure(
      'protocol',
      l10n.t(
        '{1} tells no size and hash of “{0}” to hold its content against, so it is not taken. Report it to its operators.',
        file.path,
        hub.endpoint.host,
      ),
      { paths: [file.path] },
    );
  });
}

async function listedFiles(
  hub: HubConnection,
  commit: CommitName,
  signal: AbortSignal,
): Promise<readonly RemoteFile[]> {
  const tree = await listAllFiles(hub, commit, signal);
  if (tree !== undefined) return tree;
  const head = await readHead(hub, commit, signal);
  if (head !== undefined) return head.paths.map(pathOnly);
  throw new Failure(
    'notFound',
    l10n.t(
      '{1} does not know the version {2} of “{0}”. It may have been deleted: refresh the view.',
      hub.model,
      hub.endpoint.host,
      commit.slice(0, 8),
    ),
  );
}

/** Undefined where the size or the hash is missing. */
export function knownFile(file: RemoteFile): KnownFile | undefined {
  const { path, size, sha256, gitSha1 } = file;
  if (size === undefined || !Number.isSafeInteger(size) || size < 0) return undefined;
  if (sha256 !== undefined) return { path, size, sha256, gitSha1 };
  return gitSha1 && { path, size, sha256, gitSha1 };
}
