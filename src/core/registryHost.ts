import type { AccessToken } from './accessToken.ts';
import type { GitObjectId } from './objectIds.ts';

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
  organizations(cursor: string | undefined, signal: AbortSignal): Promise<Page<Organization>>;
  registries(organization: string, cursor: string | undefined, signal: AbortSignal): Promise<Page<Registry>>;
  registry(organization: string, slug: string, signal: AbortSignal): Promise<Registry>;
  /** Newest first. `model` keeps only that model's versions. */
  versions(
    registry: Registry,
    query: { readonly model?: string; readonly cursor?: string },
    signal: AbortSignal,
  ): Promise<Page<ModelVersion>>;
  hub(registry: Registry): HubTarget;
}
