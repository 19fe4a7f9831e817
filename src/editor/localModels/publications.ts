import type { CommitName, GitObjectId } from '../../core/objectIds.ts';
import type { DownloadedFrom } from '../downloadMemory.ts';
import type { OngoingPublish, PublishedRecord } from '../publishService.ts';
import type { VersionRow } from '../rows.ts';
import { commitOfModel, type LocalModel } from './localModel.ts';

/** A version in a registry that a local model was published as, or downloaded from. */
export interface Publication {
  /** The account that published it, or that sees it. */
  readonly accountId: string;
  readonly organization: string;
  /** Slug of the registry. */
  readonly registry: string;
  /** `namespace/name`. */
  readonly model: string;
  /** The commit in the registry. */
  readonly version: CommitName;
  /** The local model's own commit. */
  readonly commit: GitObjectId;
  readonly publishedAt: Date | undefined;
}

/** Where publications are known from. */
interface KnownPublishes {
  /** The workspace's publishes, newest first. */
  readonly records: readonly PublishedRecord[];
  /** The versions in the Registries view that are that commit, published or as such. */
  readonly versionsOf: (commit: GitObjectId) => readonly VersionRow[];
  /** What a folder (absolute path) was downloaded from, as far as it is known. */
  readonly downloadedFrom: (folder: string) => DownloadedFrom | undefined;
}

/** The known publications of `model`, of its commit now and of earlier ones, newest first, none twice. */
export function publicationsOf(
  model: LocalModel,
  { records, versionsOf, downloadedFrom }: KnownPublishes,
): readonly Publication[] {
  const commit = commitOfModel(model);
  const place = placeOf(model);
  const recorded = records
    .filter((record) => record.folder === place.folder)
    .filter((record) => record.commit === commit || record.repository === place.repository)
    .flatMap((record) => ofRecord(record) ?? []);
  const names = new Set(recorded.map((publication) => publication.model));
  const listed =
    commit === undefined
      ? []
      : versionsOf(commit)
          // A commit of several models does not tell which of them a version is.
          .filter(({ version }) => place.folder === '' || names.has(version.model))
          .flatMap((row) => ofVersion(row, commit) ?? []);
  const from = downloadedFrom(model.folder);
  const downloaded = from && from.commit === commit ? [ofDownload(from)] : [];
  const all = new Map<string, Publication>();
  for (const publication of [...recorded, ...listed, ...downloaded]) {
    const key = keyOf(publication);
    if (!all.has(key)) all.set(key, publication);
  }
  return [...all.values()].sort((a, b) => (b.publishedAt?.getTime() ?? 0) - (a.publishedAt?.getTime() ?? 0));
}

/** Those of the commit that the model is now. */
export function currentPublications(
  model: LocalModel,
  publications: readonly Publication[],
): readonly Publication[] {
  const commit = commitOfModel(model);
  return publications.filter((publication) => publication.commit === commit);
}

/** What there is to say of a model's commit in a word. */
export type PublicationState =
  | { readonly kind: 'notInGit' }
  | { readonly kind: 'notCommitted' }
  | { readonly kind: 'publishing'; readonly publish: OngoingPublish }
  /** Not empty. */
  | { readonly kind: 'published'; readonly publications: readonly Publication[] }
  /** It is a version of some registry or hub: nobody here knows which. */
  | { readonly kind: 'downloaded' }
  | { readonly kind: 'notPublished' };

/**
 * @param publications All that are known of the model.
 * @param ongoing The publishes under way in this window.
 */
export function publicationState(
  model: LocalModel,
  publications: readonly Publication[],
  ongoing: readonly OngoingPublish[],
): PublicationState {
  const publish = ongoingOf(model, ongoing);
  if (publish) return { kind: 'publishing', publish };
  if (commitOfModel(model) === undefined) {
    const isInGit = model.origin === 'cache' || model.head.kind !== 'none';
    return { kind: isInGit ? 'notCommitted' : 'notInGit' };
  }
  const current = currentPublications(model, publications);
  if (current.length > 0) return { kind: 'published', publications: current };
  return { kind: model.origin === 'cache' || model.head.kind === 'download' ? 'downloaded' : 'notPublished' };
}

/** The publish of that model, of whatever commit. */
export function ongoingOf(model: LocalModel, ongoing: readonly OngoingPublish[]): OngoingPublish | undefined {
  const place = placeOf(model);
  return ongoing.find(
    ({ plan: { snapshot } }) => snapshot.repository === place.repository && snapshot.folder === place.folder,
  );
}

/** Repository and folder as the history of publishes names them. */
function placeOf(model: LocalModel): Pick<PublishedRecord, 'repository' | 'folder'> {
  if (model.origin === 'workspace' && model.head.kind === 'repository') {
    return { repository: model.head.repository, folder: model.head.folder };
  }
  return { repository: model.folder, folder: '' };
}

function ofRecord({
  commit,
  destination,
  outcome,
  startedAt,
  tookMs,
}: PublishedRecord): Publication | undefined {
  if (outcome.kind !== 'published') return undefined;
  const { accountId, organization, registry, model } = destination;
  const publishedAt = new Date(startedAt + tookMs);
  return { accountId, organization, registry, model, version: outcome.version, commit, publishedAt };
}

function ofDownload({ commit, ...place }: DownloadedFrom): Publication {
  return { ...place, version: commit, commit, publishedAt: undefined };
}

function ofVersion({ session, version }: VersionRow, commit: GitObjectId): Publication | undefined {
  if (version.commit === undefined) return undefined;
  const { registry, model, createdAt } = version;
  return {
    accountId: session.accountId,
    organization: registry.organization,
    registry: registry.slug,
    model,
    version: version.commit,
    commit,
    publishedAt: createdAt,
  };
}

function keyOf({ organization, registry, model, version, commit }: Publication): string {
  return JSON.stringify([organization, registry, model, version, commit]);
}
