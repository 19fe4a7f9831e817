import type { Failure } from '../../core/failure.ts';
import type { ModelVersion, Organization, Registry } from '../../core/registryHost.ts';
import type { Session } from '../accounts/sessions.ts';

/** One row of the Registries view. Rows are data; one pure function turns them into tree items. */
export type Row =
  | OrganizationRow
  | RegistryRow
  | ModelRow
  | VersionRow
  | FolderRow
  | FileRow
  | { readonly kind: 'more'; readonly parent: Row | undefined; readonly shown: number }
  | { readonly kind: 'empty'; readonly parent: Row | undefined; readonly message: string }
  | { readonly kind: 'failed'; readonly parent: Row | undefined; readonly failure: Failure };

export interface OrganizationRow {
  readonly kind: 'organization';
  readonly session: Session;
  readonly organization: Organization;
}

export interface RegistryRow {
  readonly kind: 'registry';
  readonly session: Session;
  readonly registry: Registry;
}

export interface ModelRow {
  readonly kind: 'model';
  readonly session: Session;
  readonly registry: Registry;
  /** `namespace/name`. */
  readonly model: string;
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
}

export interface FileRow {
  readonly kind: 'file';
  readonly session: Session;
  readonly version: ModelVersion;
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly lfs: boolean;
}
