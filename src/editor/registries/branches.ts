import * as l10n from '@vscode/l10n';
import { Failure } from '../../core/failure.ts';
import type { RemoteFile } from '../../core/hub/client.ts';
import { listFiles } from '../../core/hub/fileList.ts';
import type { HttpClient } from '../../core/http/client.ts';
import type { ModelVersion, Page } from '../../core/registryHost.ts';
import type { Session } from '../accounts/sessions.ts';
import { PagedRows, type BranchRows, type LoadPage } from './pagedRows.ts';
import type { Branch, FileRow, FolderRow, ModelRow, RegistryRow, Row } from './rows.ts';

/**
 * The rows below `branch`; each of their pages is one request.
 *
 * @param guard Wraps every load, to learn of failures.
 */
export function openBranch(
  branch: Branch,
  http: HttpClient,
  guard: <T>(session: Session, load: LoadPage<T>) => LoadPage<T>,
): BranchRows {
  const { session } = branch;
  const { host } = session;
  const paged = <T>(load: LoadPage<T>, toRows: (items: readonly T[]) => readonly Row[]) =>
    new PagedRows(branch, guard(session, load), toRows);

  switch (branch.kind) {
    case 'account':
      return paged(
        (cursor, signal) => host.organizations(cursor, signal),
        (organizations) =>
          organizations.map((organization) => ({ kind: 'organization', session, organization })),
      );
    case 'organization':
      return paged(
        (cursor, signal) => host.registries(branch.organization.slug, cursor, signal),
        (registries) =>
          registries
            .filter((registry) => registry.holdsModels)
            .map((registry) => ({ kind: 'registry', session, registry })),
      );
    case 'registry':
      return paged(
        (cursor, signal) => host.versions(branch.registry, { cursor }, signal),
        (versions) => modelsOf(branch, versions),
      );
    case 'model':
      return paged(
        (cursor, signal) => host.versions(branch.registry, { model: branch.model, cursor }, signal),
        (versions) => versions.map((version) => ({ kind: 'version', session, version })),
      );
    case 'version':
      return paged(
        async (cursor, signal): Promise<Page<RemoteFile>> => {
          const { registry, model, commit } = branch.version;
          if (commit === undefined) return { items: [], next: undefined };
          const hub = host.hub(registry);
          const page = await listFiles({ ...hub, model, http }, commit, cursor, signal);
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

/** The models that versions belong to, the one with the newest version first. */
function modelsOf(
  { session, registry }: RegistryRow,
  versions: readonly ModelVersion[],
): readonly ModelRow[] {
  const models = new Set(versions.map((version) => version.model));
  return [...models].map((model) => ({ kind: 'model', session, registry, model }));
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
