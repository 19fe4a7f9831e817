import type { CommitName } from '../../core/objectIds.ts';
import { rowAmong } from '../rowKinds.ts';
import { commitOfModel, type LocalModel } from './localModel.ts';
import type { Publication } from './publications.ts';

/** One row of the Local Models view. */
export type LocalRow = LocalModelRow | CacheRow | PublicationRow | UnpublishedRow;

export interface LocalModelRow {
  readonly kind: 'localModel';
  readonly model: LocalModel;
}

/** Stands above the snapshots of the Hugging Face cache. */
export interface CacheRow {
  readonly kind: 'cache';
  /** Absolute path of the cache. */
  readonly folder: string;
}

/** A version in a registry that a local model was published as. */
export interface PublicationRow {
  readonly kind: 'publication';
  readonly model: LocalModel;
  readonly publication: Publication;
}

/** Says that a local model was never published, as far as is known. */
interface UnpublishedRow {
  readonly kind: 'unpublished';
  readonly model: LocalModel;
}

/** Stable and unique in the view. */
export function localRowId(row: LocalRow): string {
  switch (row.kind) {
    case 'cache':
      return JSON.stringify([row.kind]);
    case 'localModel':
    case 'unpublished':
      return JSON.stringify([row.kind, row.model.folder]);
    case 'publication': {
      const { organization, registry, model, version, commit } = row.publication;
      return JSON.stringify([row.kind, row.model.folder, organization, registry, model, version, commit]);
    }
  }
}

/** The row a menu passed to a command, or undefined where it passed something else. */
export const asLocalRow = rowAmong<LocalRow>({
  localModel: true,
  cache: true,
  publication: true,
  unpublished: true,
});

/** The commit that a row is; undefined where it is none, or `argument` no row. */
export function commitOfLocalRow(argument: unknown): CommitName | undefined {
  const row = asLocalRow(argument);
  switch (row?.kind) {
    case 'localModel':
      return commitOfModel(row.model);
    case 'publication':
      return row.publication.version;
    case undefined:
    case 'cache':
    case 'unpublished':
      return undefined;
  }
}
