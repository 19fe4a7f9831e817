import type { Readable } from 'node:stream';
import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';
import { contentStream } from '../hub/contentStream.ts';
import { connectionTo, type HubConnection } from '../hub/connection.ts';
import { readFileContent } from '../hub/fileContent.ts';
import type { KnownFile } from '../hub/knownFiles.ts';
import { EMPTY, pointerId } from '../objectIds.ts';
import { firstFew } from '../snapshot/files/firstFew.ts';
import { type Lifetime, lifetimeOf } from '../snapshot/lifetime.ts';
import { parseModelId } from '../snapshot/modelId.ts';
import { isRefusedPath } from '../snapshot/refusedPath.ts';
import type { HubOrigin, Selection, Snapshot, SnapshotFile } from '../snapshot/snapshot.ts';
import { failedAtSource } from './failures.ts';
import { selectedFiles } from './fileSets.ts';
import { LARGEST_KEPT, SmallContents } from './smallContents.ts';
import { readSource, type ModelSource, type SourceModel, type SourceServices } from './source.ts';

/**
 * A version of a model of another hub, or some of its files, as it will be published: {@link snapshotOf} what
 * {@link readSource} finds.
 *
 * @throws Failure whose `source` is the hub, and the signal's reason when aborted.
 */
export async function openHubSnapshot(
  asked: SourceModel,
  selection: Selection,
  services: SourceServices,
): Promise<Snapshot> {
  return snapshotOf(await readSource(asked, services), selection, services);
}

/** What the files of one snapshot share. */
interface Reading {
  readonly hub: HubConnection;
  readonly source: ModelSource;
  readonly origin: HubOrigin;
  readonly small: SmallContents;
  readonly lifetime: Lifetime;
}

/**
 * The files of a version that a selection means, as a snapshot: their contents come from the hub while they are read,
 * by the commit's own name, and nothing of them is kept on disk. Whoever opens it disposes of it.
 *
 * @throws Failure `notFound` where the selection means none of its files; `unpublishable` and `protocol` where no
 *   registry could hold them.
 */
export function snapshotOf(source: ModelSource, selection: Selection, services: SourceServices): Snapshot {
  const { endpoint, model, revision, address, licenses, commit, subject } = source;
  const chosen = [...selectedFiles(source.files, selection)].sort((a, b) => (a.path < b.path ? -1 : 1));
  refuse(source, chosen);
  const lifetime = lifetimeOf(services.signal);
  const origin: HubOrigin = { kind: 'hub', ...{ endpoint, model, revision, address, licenses, selection } };
  const hub = connectionTo(source, model, services.http);
  const reading: Reading = { hub, source, origin, small: new SmallContents(), lifetime };
  services.log.info(`Opened ${commit} of ${address}: ${chosen.length} of ${source.files.length} files.`);
  return {
    origin,
    commit,
    branch: undefined,
    subject: subject ?? l10n.t('Import {0}', model),
    committedAt: source.committedAt ?? new Date(),
    repository: address,
    folder: '',
    files: chosen.map((file) => snapshotFile(file, reading)),
    uncommitted: [],
    proposeModels: () => Promise.resolve(parseModelId(model).kind === 'modelId' ? [model] : []),
    dispose: () => lifetime.end(),
  };
}

function refuse({ endpoint, address }: ModelSource, chosen: readonly KnownFile[]): void {
  const { host } = endpoint;
  if (chosen.length === 0) {
    throw new Failure(
      'notFound',
      l10n.t('{0} holds no such file. Choose other files, or all of them.', address),
      { source: host },
    );
  }
  const refused = chosen.map(({ path }) => path).filter((path) => isRefusedPath(path) || isNoText(path));
  if (refused.length > 0) {
    throw new Failure(
      'unpublishable',
      l10n.t(
        'Model registries refuse files of such names, which {0} lists: {1}. Choose other files.',
        address,
        firstFew(refused),
      ),
      { paths: refused, source: host },
    );
  }
  const double = chosen.find(({ path }, index) => chosen[index + 1]?.path === path);
  if (double !== undefined) {
    throw new Failure(
      'protocol',
      l10n.t('{0} lists “{1}” twice. Report it to its operators.', host, double.path),
      { paths: [double.path], source: host },
    );
  }
}

/** What cannot be written in UTF-8 cannot be asked for. */
function isNoText(path: string): boolean {
  return /\p{Surrogate}|\0/u.test(path);
}

function snapshotFile(file: KnownFile, reading: Reading): SnapshotFile {
  const { origin } = reading;
  const { path, size } = file;
  // Aborted, it rejects like everything else.
  const open = async (start = 0, end = size): Promise<Readable> =>
    Promise.resolve(opened(file, start, end, reading));
  if (file.sha256 === undefined || size === 0) {
    const gitSha1 = file.sha256 === undefined ? file.gitSha1 : EMPTY.gitSha1;
    const isSmall = size <= LARGEST_KEPT;
    return {
      ...{ kind: 'blob', origin, path, size, gitSha1, open },
      ...(isSmall && { whole: () => whole(file, gitSha1, reading) }),
    };
  }
  const { sha256 } = file;
  const gitSha1 = file.gitSha1 ?? pointerId(sha256, size);
  const present = (): Promise<boolean> => Promise.resolve(true);
  return { kind: 'lfs', origin, path, size, sha256, gitSha1, present, open, reading: 'once' };
}

function opened(file: KnownFile, start: number, end: number, { hub, source, lifetime }: Reading): Readable {
  lifetime.signal.throwIfAborted();
  const { commit, endpoint } = source;
  const { signal } = lifetime;
  return lifetime.adopt(
    contentStream(hub, commit, file, { start, end: Math.min(end, file.size) }, signal, (failure) =>
      failedAtSource(failure, endpoint),
    ),
  );
}

async function whole(
  file: KnownFile,
  id: string,
  { hub, source, small, lifetime }: Reading,
): Promise<Buffer> {
  lifetime.signal.throwIfAborted();
  if (file.size === 0) return Buffer.alloc(0);
  return small.get(id, file.size, async () => {
    try {
      return await readFileContent(hub, source.commit, file, file.size, lifetime.signal);
    } catch (error) {
      lifetime.signal.throwIfAborted();
      throw failedAtSource(error, source.endpoint);
    }
  });
}
