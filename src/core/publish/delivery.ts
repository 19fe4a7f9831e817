import type { Sha256 } from '../objectIds.ts';
import type { SnapshotFile } from '../snapshot/snapshot.ts';

/** How a file reaches the registry: inside the commit, or as an object that the commit names. */
export type Delivery =
  | { readonly kind: 'regular'; readonly file: SnapshotFile }
  | { readonly kind: 'lfs'; readonly file: SnapshotFile; readonly oid: Sha256 };

export interface Deliveries {
  /** What differs from the registry's head, sorted by path. */
  readonly deliveries: readonly Delivery[];
  /** Paths that go away. */
  readonly deleted: readonly string[];
  /** SHA-256s, by path, of plain blobs that the registry keeps as LFS objects. */
  readonly hashes: ReadonlyMap<string, Sha256>;
}
