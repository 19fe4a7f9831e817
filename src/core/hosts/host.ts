import type { AccessToken } from '../accessToken.ts';
import type { GitObjectId } from '../objectIds.ts';
import type { PipelineHost } from './pipelines.ts';

/** A list that arrives in pages. `next` is opaque; undefined on the last page. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

export interface Organization {
  readonly slug: string;
  readonly name: string;
  readonly webUrl: URL | undefined;
}

export interface Registry {
  readonly id: string;
  readonly organization: string;
  readonly slug: string;
  readonly name: string;
  /** As the server spells it. */
  readonly ecosystem: string;
  /** Whether it holds Hugging Face models. */
  readonly holdsModels: boolean;
  readonly description: string | undefined;
  /** `:name:` or the emoji itself, as the server gives it. */
  readonly emoji: string | undefined;
  readonly public: boolean | undefined;
  readonly webUrl: URL | undefined;
}

/** One published snapshot: a package of the registry. */
export interface ModelVersion {
  readonly id: string;
  readonly registry: Registry;
  /** `namespace/name`. */
  readonly model: string;
  /** The SHA of the commit in the registry; undefined where the server does not tell. */
  readonly commit: GitObjectId | undefined;
  readonly createdAt: Date | undefined;
  readonly webUrl: URL | undefined;
}

/** People who may be given a registry. */
export interface Team {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
}

/** A registry to be created. */
export interface NewRegistry {
  readonly name: string;
  /** As the server spells it. */
  readonly ecosystem: string;
  readonly description: string | undefined;
  /** Teams that get it; empty where the organization has none. */
  readonly teamIds: readonly string[];
}

/** What a person may want to do besides looking; a host tells which of them a token's scopes allow. */
export type RegistryAction =
  | 'publish'
  | 'createRegistry'
  | 'describeRegistry'
  | 'deleteRegistry'
  | 'deleteVersion'
  | 'listTeams'
  | 'listPipelines'
  /** Cancelling one, too. */
  | 'createBuild'
  | 'readBuilds';

/** A Hub endpoint and how a publish to it must behave. Differs between hosts: facts/hub-servers-and-clients.md, section 7. */
export interface HubTarget {
  /** What `HF_ENDPOINT` would hold, without a trailing slash. */
  readonly endpoint: URL;
  readonly token: AccessToken;
  /** Whether the model is created before the first upload. */
  readonly createFirst: boolean;
  /** The revision published to. */
  readonly revision: string;
  /** Number of segments in a model id. */
  readonly modelIdSegments: 1 | 2;
}

/** A service that lists registries and holds models behind a Hub endpoint. Every call may throw a `Failure`. */
export interface RegistryHost {
  /** Stable id of the kind of service, such as `buildkite`. */
  readonly id: string;
  /** Where the service also builds commits. */
  readonly pipelines?: PipelineHost;
  organizations(cursor: string | undefined, signal: AbortSignal): Promise<Page<Organization>>;
  registries(organization: string, cursor: string | undefined, signal: AbortSignal): Promise<Page<Registry>>;
  registry(organization: string, slug: string, signal: AbortSignal): Promise<Registry>;
  /**
   * Newest first. `model` keeps only that model's versions; `name` asks the server for names that hold that text, and keeps what it
   * answers.
   */
  versions(
    registry: Registry,
    query: {
      readonly model?: string;
      readonly name?: string;
      readonly cursor?: string;
      /** Items of a page, at most; a host's own number where absent. */
      readonly limit?: number;
    },
    signal: AbortSignal,
  ): Promise<Page<ModelVersion>>;
  teams(organization: string, cursor: string | undefined, signal: AbortSignal): Promise<Page<Team>>;
  createRegistry(organization: string, registry: NewRegistry, signal: AbortSignal): Promise<Registry>;
  /** An empty text takes the description away. */
  describeRegistry(registry: Registry, description: string, signal: AbortSignal): Promise<Registry>;
  /** With all that is in it. One that is gone already is deleted. */
  deleteRegistry(registry: Registry, signal: AbortSignal): Promise<void>;
  deleteVersion(version: ModelVersion, signal: AbortSignal): Promise<void>;
  hub(registry: Pick<Registry, 'organization' | 'slug'>): HubTarget;
}
