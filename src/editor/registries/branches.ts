import * as l10n from '@vscode/l10n';
import { Failure } from '../../core/failure.ts';
import type { RemoteFile } from '../../core/hub/remoteFile.ts';
import { connectionTo } from '../../core/hub/connection.ts';
import { listFiles } from '../../core/hub/fileList.ts';
import type { HttpClient } from '../../core/http/client.ts';
import { BROWSING } from '../../core/http/patience.ts';
import type { ListedModel, ModelVersion, Registry } from '../../core/hosts/host.ts';
import type { Page } from '../../core/hosts/page.ts';
import { PagedRows, type BranchRows, type LoadPage, type ToRows } from './pagedRows.ts';
import type { Branch, FileRow, FolderRow, ModelRow, OrganizationRow, RegistryRow, Row } from '../rows.ts';

/** What the rows of branches are made with. */
interface BranchSurroundings {
  readonly http: HttpClient;
  /** Wraps every load, to learn of failures. */
  readonly guard: <T>(load: LoadPage<T>) => LoadPage<T>;
  /** Whether registries that hold no models are shown. */
  readonly showsOthers: () => boolean;
  /** The text that the models of a registry are chosen by, or the branch or tag whose versions of a model are shown. */
  readonly chosenOf: (row: RegistryRow | ModelRow) => string | undefined;
}

/** Versions of one model that are listed at a time: as many as a person looks through. */
const VERSIONS_PER_PAGE = 30;

/** The rows below `branch`; each of their pages is one request. */
export function openBranch(branch: Branch, surroundings: BranchSurroundings): BranchRows {
  const { session } = branch;
  const { host } = session;
  const { listing } = host;
  const { http, guard } = surroundings;
  const paged = <T>(load: LoadPage<T>, toRows: ToRows<T>) => new PagedRows(branch, guard(load), toRows);

  switch (branch.kind) {
    case 'account':
      return paged(
        (cursor, signal) => listing.organizations(cursor, signal),
        (organizations) =>
          organizations.map((organization) => ({ kind: 'organization', session, organization })),
      );
    case 'organization':
      return paged(
        (cursor, signal) => listing.registries(branch.organization.slug, cursor, signal),
        (registries, isWhole) => registryRows(branch, registries, isWhole, surroundings),
      );
    case 'registry':
      return paged(
        (cursor, signal) => listing.models(branch.registry, { name: branch.filter, cursor }, signal),
        (models) => modelRows(branch, models, surroundings),
      );
    case 'model':
      return paged(
        (cursor, signal) =>
          listing.versions(
            branch.registry,
            branch.model,
            { cursor, limit: VERSIONS_PER_PAGE, revision: branch.revision },
            signal,
          ),
        (versions) => versions.map((version) => ({ kind: 'version', session, version })),
      );
    case 'version':
      return paged(
        async (cursor, signal): Promise<Page<RemoteFile>> => {
          const { registry, model, commit } = branch.version;
          if (commit === undefined) return { items: [], next: undefined };
          const hub = host.hub(registry);
          const page = await listFiles(connectionTo(hub, model, http), commit, cursor, signal, BROWSING);
          if (page) return page;
          throw new Failure(
            'notFound',
            l10n.t('{0} does not list the files of this version of “{1}”.', hub.endpoint.host, model),
            { status: 404 },
          );
        },
        (files) => entriesOf(branch, '', files),
      );
  }
}

/** Registries of models first, and where there is none a row that says so; then the others. */
function registryRows(
  branch: OrganizationRow,
  registries: readonly Registry[],
  isWhole: boolean,
  { showsOthers, chosenOf }: BranchSurroundings,
): readonly Row[] {
  const { session } = branch;
  const models = registries
    .filter((registry) => registry.holdsModels)
    .map((registry): Row => {
      const row: RegistryRow = { kind: 'registry', session, registry };
      const filter = chosenOf(row);
      return filter === undefined ? row : { ...row, filter };
    });
  const others = registries
    .filter((registry) => !registry.holdsModels && showsOthers())
    .map((registry): Row => ({ kind: 'otherRegistry', session, registry }));
  const none: readonly Row[] =
    models.length === 0 && others.length > 0 && isWhole ? [{ kind: 'empty', parent: branch }] : [];
  return [...models, ...none, ...others];
}

/** Each model once, in the order of the list, which is that of their newest versions. */
function modelRows(
  { session, registry }: RegistryRow,
  listed: readonly ListedModel[],
  { chosenOf }: BranchSurroundings,
): readonly ModelRow[] {
  const newest = new Map<string, ModelVersion | undefined>();
  for (const one of listed) if (!newest.has(one.model)) newest.set(one.model, one.newest);
  return [...newest].map(([model, version]) => {
    const row: ModelRow = { kind: 'model', session, registry, model };
    const revision = chosenOf(row);
    // The list tells of the host's own revision.
    return revision === undefined ? { ...row, newest: version } : { ...row, revision };
  });
}

/** The rows of a folder: its folders first, then its files, each in the order of their names. */
export function folderRows(folder: FolderRow): readonly Row[] {
  return entriesOf(folder, `${folder.path}/`, folder.files);
}

function entriesOf(
  { session, version }: Pick<FolderRow, 'session' | 'version'>,
  prefix: string,
  files: readonly RemoteFile[],
): readonly Row[] {
  const folders = new Map<string, RemoteFile[]>();
  const own: RemoteFile[] = [];
  for (const file of files) {
    const slash = file.path.indexOf('/', prefix.length);
    if (slash < 0) {
      own.push(file);
      continue;
    }
    const path = file.path.slice(0, slash);
    const inside = folders.get(path) ?? [];
    folders.set(path, inside);
    inside.push(file);
  }
  const byPath = (a: { readonly path: string }, b: { readonly path: string }) =>
    a.path < b.path ? -1 : Number(a.path > b.path);
  const folderList = [...folders].map(([path, inside]): FolderRow => ({
    kind: 'folder',
    session,
    version,
    path,
    files: inside,
  }));
  const fileList = own.map(({ path, size, gitSha1, sha256 }): FileRow => ({
    kind: 'file',
    session,
    version,
    path,
    size,
    lfs: sha256 !== undefined,
    gitSha1,
    sha256,
  }));
  return [...folderList.sort(byPath), ...fileList.sort(byPath)];
}
