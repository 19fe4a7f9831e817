import type { Failure } from '../core/failure.ts';
import type { RemoteFile } from '../core/hub/remoteFile.ts';
import type { CommitName, GitObjectId, Sha256 } from '../core/objectIds.ts';
import type { ModelVersion, Organization, Registry } from '../core/hosts/host.ts';
import type { Session } from './accounts/sessions.ts';
import { rowAmong } from './rowKinds.ts';

/** One row of the Registries view. Rows are data; one pure function (treeItem.ts) turns them into tree items. */
export type Row =
  | OrganizationRow
  | RegistryRow
  | OtherRegistryRow
  | ModelRow
  | VersionRow
  | FolderRow
  | FileRow
  | MoreRow
  | LoadingRow
  | EmptyRow
  | FailedRow
  | SignInRow;

/** Whose children a server lists: a row, or an account, which is no row; its organizations are the top rows. */
export type Branch = Account | OrganizationRow | RegistryRow | ModelRow | VersionRow;

export interface Account {
  readonly kind: 'account';
  readonly session: Session;
}

export interface OrganizationRow {
  readonly kind: 'organization';
  readonly session: Session;
  readonly organization: Organization;
}

export interface RegistryRow {
  readonly kind: 'registry';
  readonly session: Session;
  readonly registry: Registry;
  /** Only models whose names hold this text are shown. */
  readonly filter?: string;
}

/** A registry that holds something else than models: it can be looked at on the web site only. */
export interface OtherRegistryRow {
  readonly kind: 'otherRegistry';
  readonly session: Session;
  readonly registry: Registry;
}

export interface ModelRow {
  readonly kind: 'model';
  readonly session: Session;
  readonly registry: Registry;
  /** `namespace/name`. */
  readonly model: string;
  /** The branch or tag whose versions are shown, where it is not the host's own. */
  readonly revision?: string;
  /** The newest version, as far as the list that the row was made of tells. */
  readonly newest?: ModelVersion | undefined;
}

export interface VersionRow {
  readonly kind: 'version';
  readonly session: Session;
  readonly version: ModelVersion;
}

export interface FolderRow {
  readonly kind: 'folder';
  readonly session: Session;
  readonly version: ModelVersion;
  /** Relative to the model's root, forward slashes. */
  readonly path: string;
  /** All files below it that are listed so far. A version's files come in one list: a folder needs no request. */
  readonly files: readonly RemoteFile[];
}

export interface FileRow {
  readonly kind: 'file';
  readonly session: Session;
  readonly version: ModelVersion;
  readonly path: string;
  /** Bytes; undefined where the server does not tell. */
  readonly size: number | undefined;
  readonly lfs: boolean;
  /** Names of its blob (of an LFS file the pointer), and of an LFS file's content, as far as the server names them. */
  readonly gitSha1: GitObjectId | undefined;
  readonly sha256: Sha256 | undefined;
}

/** Stands after the rows of a branch whose list has another page. */
export interface MoreRow {
  readonly kind: 'more';
  readonly parent: Branch;
  /** How many rows stand before it. */
  readonly shown: number;
  /** How many items of the list they were made from: models are found in a list of versions. */
  readonly read: number;
}

/** Stands for the rows of an account, or of all of them, until they are here. */
export interface LoadingRow {
  readonly kind: 'loading';
  /** undefined while it is not known yet who is signed in. */
  readonly session: Session | undefined;
}

export interface EmptyRow {
  readonly kind: 'empty';
  readonly parent: Branch;
}

/** A page of `parent` that could not be loaded. */
export interface FailedRow {
  readonly kind: 'failed';
  readonly parent: Branch;
  readonly failure: Failure;
}

/** Stands for the whole account once the server refused its token. */
export interface SignInRow {
  readonly kind: 'signIn';
  readonly session: Session;
}

/** A registry, a model in it, or a version of that. */
export interface RowSubject {
  readonly session: Session;
  readonly registry: Registry;
  /** `namespace/name`; undefined for a registry. */
  readonly model?: string;
  readonly version?: ModelVersion;
  /** The version's, where it is one. */
  readonly commit?: CommitName | undefined;
}

/** The registry, model or version that a row is; undefined for one that is none of them. */
export function subjectOf(row: Row | undefined): RowSubject | undefined {
  const isOne = row?.kind === 'registry' || row?.kind === 'model' || row?.kind === 'version';
  return isOne ? subjectAround(row) : undefined;
}

/** The registry, model or version that a row is or lies in, and a registry of something else than models. */
export function subjectAround(row: Row | Branch): RowSubject | undefined {
  switch (row.kind) {
    case 'registry':
    case 'otherRegistry':
      return { session: row.session, registry: row.registry };
    case 'model':
      return { session: row.session, registry: row.registry, model: row.model };
    case 'version':
    case 'folder':
    case 'file': {
      const { registry, model, commit } = row.version;
      return { session: row.session, registry, model, version: row.version, commit };
    }
    case 'more':
    case 'empty':
    case 'failed':
      return subjectAround(row.parent);
    case 'account':
    case 'organization':
    case 'loading':
    case 'signIn':
      return undefined;
  }
}

/** Stable and unique in the tree: per account, path of slugs and names. */
export function rowId(row: Row | Branch): string {
  return JSON.stringify(identity(row, ({ accountId }) => accountId));
}

/** As {@link rowId}, but the same for every account of a service: a new token of the same person makes another account. */
export function placeId(row: Row | Branch): string {
  return JSON.stringify(identity(row, ({ service }) => service.id));
}

function identity(row: Row | Branch, ownerOf: (session: Session) => string): readonly unknown[] {
  switch (row.kind) {
    case 'account':
    case 'signIn':
      return [row.kind, ownerOf(row.session)];
    case 'organization':
      return [row.kind, ownerOf(row.session), row.organization.slug];
    case 'registry':
    case 'otherRegistry':
      return [row.kind, ownerOf(row.session), row.registry.organization, row.registry.slug];
    case 'model':
      return [row.kind, ownerOf(row.session), row.registry.organization, row.registry.slug, row.model];
    case 'version':
      return [row.kind, ownerOf(row.session), ...versionIdentity(row.version)];
    case 'folder':
    case 'file':
      return [row.kind, ownerOf(row.session), ...versionIdentity(row.version), row.path];
    case 'loading':
      return [row.kind, row.session && ownerOf(row.session)];
    case 'more':
    case 'empty':
    case 'failed':
      return [row.kind, identity(row.parent, ownerOf)];
  }
}

function versionIdentity({ registry, model, id }: ModelVersion): readonly string[] {
  return [registry.organization, registry.slug, model, id];
}

/** The row a menu passed to a command, or undefined where it passed something else. */
export const asRow = rowAmong<Row>({
  organization: true,
  registry: true,
  otherRegistry: true,
  model: true,
  version: true,
  folder: true,
  file: true,
  more: true,
  loading: true,
  empty: true,
  failed: true,
  signIn: true,
});

/** A menu passes the row it was opened on, and all selected rows where that one is among several of them. */
export function rowsOf(argument: unknown, rows: unknown): readonly Row[] {
  const row = asRow(argument);
  const all = Array.isArray(rows) ? rows.map(asRow).filter((one) => one !== undefined) : [];
  return all.length > 0 ? all : row ? [row] : [];
}
