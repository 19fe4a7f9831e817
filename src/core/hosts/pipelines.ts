import type { GitObjectId } from '../objectIds.ts';
import type { Page } from './page.ts';

/** Builds the commits of one repository on machines of the organization. */
export interface Pipeline {
  readonly organization: string;
  readonly slug: string;
  readonly name: string;
  /** URL of the Git repository as the server gives it; undefined where it does not tell. May hold a name and password: never shown. */
  readonly repository: string | undefined;
  readonly defaultBranch: string | undefined;
  readonly webUrl: URL;
}

/** A build to be created. */
export interface NewBuild {
  readonly commit: GitObjectId;
  readonly branch: string;
  readonly message: string;
  /** Variables that its steps see. Everybody who sees the build sees them. */
  readonly env: Readonly<Record<string, string>>;
}

/** How a build ended. */
export type BuildResult = 'passed' | 'failed' | 'canceled' | 'skipped' | 'notRun';

/** What a build is doing. */
export type BuildState =
  /** The server was not asked yet. */
  | { readonly kind: 'unknown' }
  /** No agent has begun. */
  | { readonly kind: 'scheduled' }
  /** `failing`: something failed already, and other steps still run. */
  | { readonly kind: 'running'; readonly failing: boolean }
  /** It waits for a person to unblock it. What ran before ended as `last`, where the server tells. */
  | { readonly kind: 'blocked'; readonly last: 'passed' | 'failed' | undefined }
  | { readonly kind: 'canceling' }
  | { readonly kind: 'ended'; readonly result: BuildResult }
  /** A state that is not documented, in the server's own word; `over` tells whether the build is finished. */
  | { readonly kind: 'other'; readonly word: string; readonly over: boolean };

/** Names a build. */
export interface BuildPlace {
  readonly pipeline: Pick<Pipeline, 'organization' | 'slug' | 'name'>;
  /** Unique in the pipeline. */
  readonly number: number;
}

export interface Build extends BuildPlace {
  readonly state: BuildState;
  readonly commit: string;
  readonly branch: string;
  readonly cancelReason: string | undefined;
  readonly startedAt: Date | undefined;
  readonly finishedAt: Date | undefined;
  readonly webUrl: URL;
}

/** Whether nothing more happens to a build unless a person does something: it ended, or it is blocked. */
export function isAtRest({ state }: Pick<Build, 'state'>): boolean {
  return state.kind === 'ended' || state.kind === 'blocked' || (state.kind === 'other' && state.over);
}

/** A service that builds commits. Every call may throw a `Failure`. */
export interface PipelineHost {
  /** Those that can be built. Both filters keep what holds their text, whatever its case. */
  pipelines(
    organization: string,
    query: { readonly name?: string; readonly repository?: string; readonly cursor?: string },
    signal: AbortSignal,
  ): Promise<Page<Pipeline>>;
  /** Throws `unknownOutcome` where the answer was lost: the build may be there. */
  createBuild(pipeline: BuildPlace['pipeline'], build: NewBuild, signal: AbortSignal): Promise<Build>;
  build(place: BuildPlace, signal: AbortSignal): Promise<Build>;
  /** Throws `refused` where it ended already, or waits for a person. */
  cancelBuild(place: BuildPlace, signal: AbortSignal): Promise<Build>;
}
