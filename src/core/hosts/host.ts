import type { AccessToken } from '../accessToken.ts';
import type { CommitName } from '../objectIds.ts';
import type { ServerTraits } from '../instructions/clients.ts';
import type { Page } from './page.ts';
import type { PipelineHost } from './pipelines.ts';

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
  /** Of the commit in the registry; undefined where the server does not tell. */
  readonly commit: CommitName | undefined;
  readonly createdAt: Date | undefined;
  readonly webUrl: URL | undefined;
}

/** A model of a registry, as a list of models tells of it. */
export interface ListedModel {
  /** `namespace/name`, or a name alone where a service has no namespaces. */
  readonly model: string;
  /** The newest version, as far as the list tells. */
  readonly newest: ModelVersion | undefined;
  /** Who may read it, as far as the list tells. `gated`: those whom its owners let in. */
  readonly access?: 'public' | 'private' | 'gated';
}

/** A branch or tag of a model. */
export interface NamedRevision {
  readonly name: string;
  readonly kind: 'branch' | 'tag';
  /** Undefined where the server does not tell. */
  readonly commit: CommitName | undefined;
}

/** People who may be given a registry. */
export interface Team {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
}

/** A registry of models to be created. */
export interface NewRegistry {
  readonly name: string;
  readonly description: string | undefined;
  /** Teams that get it; empty where the organization has none. */
  readonly teamIds: readonly string[];
}

/** What a person may want to do besides looking. */
export type RegistryAction =
  | 'publish'
  | 'createRegistry'
  | 'describeRegistry'
  | 'deleteRegistry'
  | 'deleteVersion'
  | 'listTeams'
  | 'listReadTokens'
  /** Creating and revoking them. */
  | 'changeReadTokens'
  | 'readOidcPolicy'
  | 'changeOidcPolicy'
  | 'listPipelines'
  /** Cancelling one, too. */
  | 'createBuild'
  | 'readBuilds';

/** Who may read a model that is created. */
export type NewModels = 'private' | 'public';

/** A Hub endpoint and how a publish to it must behave, which differs between services. */
export interface HubTarget {
  /** What `HF_ENDPOINT` would hold, without a trailing slash. */
  readonly endpoint: URL;
  readonly token: AccessToken;
  /** Whether the model is created before the first upload. */
  readonly createFirst: boolean;
  /** Who may read a model that is created; as the server has it by itself where absent. */
  readonly newModels?: NewModels;
  /** The revision published to; of releases, the one that is read where no other is named. */
  readonly revision: string;
  /** `release`: each publish makes a revision of a name that a person gives. Absent: they all go to {@link revision}. */
  readonly revisions?: 'branch' | 'release';
  /** The namespace that all models of the registry are in; absent where they may be in any. */
  readonly namespace?: string;
  /** Number of segments in a model id. */
  readonly modelIdSegments: 1 | 2;
  /** What clients of huggingface_hub have to know of the server; nothing where absent. */
  readonly traits?: ServerTraits;
  /** What the smallest plan of the service takes in a month; undefined where it has no plans. */
  readonly smallestPlan?: PlanLimit;
}

/** Storage and traffic of a month. */
export interface PlanLimit {
  readonly bytes: number;
  /** For a sentence, such as “the free plan”. */
  readonly name: string;
}

/** What a token may see. Every call may throw a `Failure`; lists come in pages, of which none is asked for twice. */
export interface Listing {
  organizations(cursor: string | undefined, signal: AbortSignal): Promise<Page<Organization>>;
  registries(organization: string, cursor: string | undefined, signal: AbortSignal): Promise<Page<Registry>>;
  registry(organization: string, slug: string, signal: AbortSignal): Promise<Registry>;
  /**
   * Newest first; a model may be there several times. `name` keeps those whose names hold that text. `notFound` where the
   * service lists no models: then {@link model} is there.
   */
  models(
    registry: Registry,
    query: { readonly name?: string; readonly cursor?: string },
    signal: AbortSignal,
  ): Promise<Page<ListedModel>>;
  /** A model by its id, in one request; where the service can tell of one alone. It may lead on to a model of another id. */
  readonly model?: (registry: Registry, model: string, signal: AbortSignal) => Promise<ListedModel>;
  /** Newest first. */
  versions(
    registry: Registry,
    model: string,
    query: VersionQuery,
    signal: AbortSignal,
  ): Promise<Page<ModelVersion>>;
  /** Branches and tags of a model, where its versions are commits of one of them; none where the server cannot tell. */
  readonly revisions?: (
    registry: Registry,
    model: string,
    signal: AbortSignal,
  ) => Promise<readonly NamedRevision[]>;
}

export interface VersionQuery {
  readonly cursor?: string;
  /** Items of a page, at most; a host's own number where absent. */
  readonly limit?: number;
  /** A branch or tag, where a host has {@link Listing.revisions}; its own where absent. */
  readonly revision?: string;
}

/** Registries and versions that come and go by hand. Every call may throw a `Failure`. */
export interface Administration {
  /** What new registries are made as, and the setting of the person that names it; undefined where there is no choice. */
  readonly ecosystem: { readonly name: string; readonly setting: string } | undefined;
  teams(organization: string, cursor: string | undefined, signal: AbortSignal): Promise<Page<Team>>;
  createRegistry(organization: string, registry: NewRegistry, signal: AbortSignal): Promise<Registry>;
  /** An empty text takes the description away. */
  describeRegistry(registry: Registry, description: string, signal: AbortSignal): Promise<Registry>;
  /** With all that is in it. One that is gone already is deleted. */
  deleteRegistry(registry: Registry, signal: AbortSignal): Promise<void>;
  deleteVersion(version: ModelVersion, signal: AbortSignal): Promise<void>;
}

/** What a registry is reached by. */
export type RegistryKey = Pick<Registry, 'organization' | 'slug'>;

/** A token that reads one registry and does nothing else, as a list tells of it: without its value. */
export interface ReadToken {
  readonly id: string;
  /** What it is for, in the words of who made it; empty where the server does not tell. */
  readonly description: string;
  /** Undefined where the server does not tell. */
  readonly createdAt: Date | undefined;
  /** Name or e-mail address of who made it; undefined where the server does not tell. */
  readonly createdBy: string | undefined;
}

/** A read token on the one occasion when its value is told. */
export interface NewReadToken extends ReadToken {
  /** Bound to where the registry's models are. It is for somebody else: it is never stored, logged or sent by us. */
  readonly value: AccessToken;
}

/** The read tokens of registries, for people and machines that only install. Every call may throw a `Failure`. */
export interface ReadTokens {
  /** All of them, in the order of the server. */
  list(registry: RegistryKey, signal: AbortSignal): Promise<readonly ReadToken[]>;
  /** Not repeated by itself: where its answer is lost, a token may be there whose value nobody knows. */
  create(registry: RegistryKey, description: string, signal: AbortSignal): Promise<NewReadToken>;
  /** Whoever uses it reads nothing from now on. One that is gone already is revoked. */
  revoke(registry: RegistryKey, token: ReadToken, signal: AbortSignal): Promise<void>;
}

/** Which builds may do what with a registry, without anybody's token. Every call may throw a `Failure`. */
export interface OidcPolicies {
  /** The policy in force, as YAML in the words of who wrote it; undefined where there is none. */
  read(registry: RegistryKey, signal: AbortSignal): Promise<string | undefined>;
  /**
   * Puts `policy` in the place of `before`, and gives what is in force then; undefined takes the policy away. Throws `conflict` where
   * another one than `before` is in force by now: the server offers no way to rule that out between the look and the change.
   */
  replace(
    registry: RegistryKey,
    before: string | undefined,
    policy: string | undefined,
    signal: AbortSignal,
  ): Promise<string | undefined>;
}

/**
 * A service of registries with one account's token. What is absent the service does not have, and nobody is offered; what a token may
 * not do, `may` tells.
 */
export interface RegistryHost {
  readonly listing: Listing;
  readonly admin?: Administration;
  /** Where a registry has tokens of its own that only read. */
  readonly readTokens?: ReadTokens;
  /** Where registries let builds in by the claims of their OIDC tokens. */
  readonly oidcPolicies?: OidcPolicies;
  /** Where the service also builds commits. */
  readonly pipelines?: PipelineHost;
  /** The Hub endpoint behind which the models of a registry are. */
  hub(registry: RegistryKey): HubTarget;
  /** Whether the service has it and the token's scopes allow it. The server has the last word: a team's permissions are its own. */
  may(action: RegistryAction): boolean;
}
