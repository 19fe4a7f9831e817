import type * as vscode from 'vscode';
import type { CommitName, GitObjectId } from '../core/objectIds.ts';
import type { Activity } from '../core/publish/activity.ts';
import type { Inspection } from '../core/publish/inspection.ts';
import type {
  PlanDigest,
  PublishEvent,
  PublishOutcome,
  PublishPlan,
  PublishTarget,
} from '../core/publish/publishing.ts';
import type { Registry } from '../core/hosts/host.ts';
import type { Build } from '../core/hosts/pipelines.ts';
import type { HubSource } from '../core/publish/hubSource.ts';
import type { Snapshot } from '../core/snapshot/snapshot.ts';
import type { RegistryPlace, RememberedRegistry } from './places.ts';

/** Where a snapshot goes. */
export interface Destination {
  readonly place: RegistryPlace;
  /** `namespace/name`. */
  readonly model: string;
  /** The release that it makes, where the service has releases; absent: a commit on the service's own branch. */
  readonly release?: string;
}

/** A destination as it is remembered. */
export interface RememberedTarget extends RememberedRegistry {
  /** `namespace/name`. */
  readonly model: string;
}

/** What is known of a publish before anything is asked. */
export interface PublishStart {
  /** Absolute path of the folder to publish. */
  readonly folder?: string;
  readonly place?: RegistryPlace;
  /** `namespace/name`, as a proposal. */
  readonly model?: string;
  /** Where it goes without being asked, as far as that can be reached: there, or where the folder went last. */
  readonly again?: RememberedTarget | 'last';
}

/** What another feature passes to the command that publishes. */
export interface PublishRequest extends PublishStart {
  readonly kind: 'publishRequest';
}

/** What another feature passes to the command that imports. */
export interface ImportRequest {
  readonly kind: 'importRequest';
  readonly source: HubSource;
  /** Where it goes without being asked, as far as that can be reached. */
  readonly again: RememberedTarget;
}

/** A publish that was agreed to and has not ended. */
export interface OngoingPublish {
  readonly id: string;
  readonly plan: PublishPlan;
  readonly destination: Destination;
  /** `queued`: another one to the same host has to end first. */
  readonly state: 'queued' | 'running' | 'cancelling';
  readonly activity: Activity;
  cancel(): void;
}

export interface RunOptions {
  /** The registry's commit message; absent: the subject of the commit. */
  readonly message?: string | undefined;
  /** What was agreed to before the plan was made anew; absent: the plan itself was. */
  readonly agreed?: PlanDigest;
  readonly signal: AbortSignal;
  readonly onEvent?: (event: PublishEvent) => void;
  /** Called when it has to wait for its turn. */
  readonly onQueued?: () => void;
}

/** The publishes of this window: the one way to plan, look at and carry one out. */
export interface Publishes {
  /** A publish got on, told some times a second at most, or is being cancelled. undefined: one came, began or went. */
  readonly onDidChange: vscode.Event<OngoingPublish | undefined>;
  /** In the order they were agreed to. */
  readonly ongoing: readonly OngoingPublish[];
  /** Works out by reading only what a publish would do. */
  plan(snapshot: Snapshot, target: PublishTarget, signal: AbortSignal): Promise<PublishPlan>;
  /** What a person should know of a plan before they agree. */
  inspect(plan: PublishPlan, signal: AbortSignal): Promise<Inspection>;
  /**
   * Carries a plan out when it is its turn, and puts it into the history. Gives how it ended, and the id of its log.
   * Throws a `busy` failure where the same model is under way.
   */
  run(
    plan: PublishPlan,
    destination: Destination,
    options: RunOptions,
  ): Promise<{ readonly id: string; readonly outcome: PublishOutcome }>;
}

/** A publish of this workspace that came to its end. */
export interface PublishedRecord {
  /** Unique among the records. */
  readonly id: string;
  /** Top folder of the repository or download, and the published folder in it with forward slashes. */
  readonly repository: string;
  readonly folder: string;
  /** Where the commit is, where it is one of another hub; `repository` is its address then. */
  readonly source?: HubSource;
  /** The snapshot's own commit, and its subject. */
  readonly commit: GitObjectId;
  readonly subject: string;
  readonly destination: RememberedTarget & {
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

/** A build that publishes: one that this window watches, or that a window of this workspace saw come to rest. */
export interface PublishingBuild {
  /** Names the build and the account that watches it. */
  readonly key: string;
  readonly accountId: string;
  readonly build: Build;
  readonly registry: Registry;
  /** `namespace/name`. */
  readonly model: string;
  /** When it was first watched, in milliseconds of the Unix epoch. */
  readonly since: number;
  readonly isWatched: boolean;
  /** What it does, or how it came to rest, in a word or two. */
  readonly words: string;
}

/** The builds of this workspace that publish. */
export interface PublishingBuilds {
  /** A build got on. undefined: one came, came to rest or went. */
  readonly onDidChange: vscode.Event<PublishingBuild | undefined>;
  /** Those that are watched and then the others, each newest first. The same object for a build as long as it is watched. */
  readonly all: readonly PublishingBuild[];
  /** Forgets one that is not watched. */
  forget(key: string): void;
}

/** A record to be kept; without an id it gets one. */
export type NewRecord = Omit<PublishedRecord, 'id'> & { readonly id?: string };

/** The diffs that show what a publish would change: the button in the title of the active one publishes that. */
export interface ShownPlans {
  /** Gives the diff whose title begins so the button, in place of what it did before. */
  add(title: string, publish: () => Promise<void>): void;
  /** Does what the button of the active diff does, and takes it away; nothing where it has none. */
  publishActive(): Promise<void>;
}

/** The publishes of this workspace, newest first. */
export interface PublishHistory {
  readonly onDidChange: vscode.Event<void>;
  readonly records: readonly PublishedRecord[];
  add(record: NewRecord): Promise<void>;
  remove(id: string): Promise<void>;
  clear(): Promise<void>;
}
