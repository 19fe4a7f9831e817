import type { CommitName, GitObjectId } from '../../core/objectIds.ts';
import type { PublishedRecord } from '../publishService.ts';
import type { VersionRow } from '../rows.ts';
import { commitOfModel, type LocalModel } from './localModel.ts';

/** A version in a registry that a local model was published as. */
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
}

/** The known publications of `model`, of its commit now and of earlier ones, newest first, none twice. */
export function publicationsOf(
  model: LocalModel,
  { records, versionsOf }: KnownPublishes,
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
  const all = new Map<string, Publication>();
  for (const publication of [...recorded, ...listed]) {
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
