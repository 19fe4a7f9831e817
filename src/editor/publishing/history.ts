import type * as vscode from 'vscode';
import type { CommitName, GitObjectId } from '../../core/objectIds.ts';

/** A publish of this workspace that came to its end. */
export interface PublishedRecord {
  /** Unique among the records. */
  readonly id: string;
  /** Top folder of the repository or download, and the published folder in it with forward slashes. */
  readonly repository: string;
  readonly folder: string;
  /** The snapshot's own commit, and its subject. */
  readonly commit: GitObjectId;
  readonly subject: string;
  readonly destination: {
    readonly accountId: string;
    readonly organization: string;
    /** Slug. */
    readonly registry: string;
    /** `namespace/name`. */
    readonly model: string;
    /** The Hub endpoint, without a token. */
    readonly endpoint: string;
  };
  readonly outcome:
    | {
        readonly kind: 'published';
        /** The commit in the registry. */
        readonly version: CommitName;
        /** False where the registry held exactly that already. */
        readonly created: boolean;
        /** Whether the registry's tree of that commit was compared with the snapshot and is equal. */
        readonly verified: boolean;
        /** Paths that the server changed by itself. */
        readonly serverEdited: readonly string[];
      }
    | { readonly kind: 'cancelled' }
    | { readonly kind: 'failed'; readonly message: string };
  /** Milliseconds of the Unix epoch. */
  readonly startedAt: number;
  /** Milliseconds. */
  readonly tookMs: number;
  readonly sentBytes: number;
  /** Bytes of the snapshot that did not have to travel. */
  readonly savedBytes: number;
}

/** A record to be kept; without an id it gets one. */
export type NewRecord = Omit<PublishedRecord, 'id'> & { readonly id?: string };

/** The publishes of this workspace, newest first. */
export interface PublishHistory {
  readonly onDidChange: vscode.Event<void>;
  readonly records: readonly PublishedRecord[];
  add(record: NewRecord): Promise<void>;
  remove(id: string): Promise<void>;
  clear(): Promise<void>;
}
