import type { BuildState, PipelineDetails } from './pipelines.ts';

/** Scopes of Buildkite access tokens that the local registry knows (https://buildkite.com/docs/apis/managing-api-tokens). */
export type Scope = string;

/** How the Hub side of a local registry answers. Every choice is legal; real servers differ in them. */
export interface HubBehaviour {
  /** Bytes from which a file is LFS whatever `.gitattributes` says. Default 10 MiB. */
  readonly lfsThresholdBytes?: number;
  /** Bytes from which an object is uploaded in parts. Default 64 MiB. */
  readonly multipartThresholdBytes?: number;
  /** Bytes of one part. Default 16 MiB. */
  readonly partBytes?: number;
  /** Milliseconds a signed upload URL lives. Default 15 minutes. */
  readonly uploadUrlLifetimeMs?: number;
  /** `other` puts signed upload URLs on a second origin (another port). Default `same`. */
  readonly uploadOrigin?: 'same' | 'other';
  /** Odd but legal answers, as servers in the wild give them. */
  readonly commitUrl?: 'absolute' | 'relative' | 'placeholder' | 'empty';
  readonly preuploadOid?: 'present' | 'absent';
  readonly batchTransfer?: 'stated' | 'omitted';
  readonly verifyAction?: 'present' | 'absent';
  readonly everythingIsLfs?: boolean;
  /** `write`: whatever is first written to a model makes it, and nothing creates it before. Default `create`. */
  readonly madeBy?: 'create' | 'write';
  /** `empty`: a new model has a commit without files, as on the Hub and on KohakuHub. Default `none`. */
  readonly firstCommit?: 'none' | 'empty';
  /** Entries of a tree page. Default 1000. */
  readonly treePageSize?: number;
}

/** Calls that some servers do not have. */
export type LackedCall = 'whoami' | 'list' | 'refs' | 'commits' | 'create' | 'tree';

/** A Hub at the root of its address, as the Hugging Face Hub is and others are by their choice. */
export interface RootHubOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  readonly lacks?: readonly LackedCall[];
  /** How an answer of a lacked call looks. Default `404`. */
  readonly lacking?: '404' | '405' | '501' | 'page';
  /** Names in a model's id. Default 2. */
  readonly modelIdSegments?: 1 | 2;
  /** `release`: a commit makes whatever revision it names. Default `branch`. */
  readonly revisions?: 'branch' | 'release';
  /** `revision`: a commit has no other name than the revision that leads to it. Default `hash`. */
  readonly commitNames?: 'hash' | 'revision';
  /** Milliseconds after which a head of a file's content is answered, as by servers that hash it then. */
  readonly lateEtagMs?: number;
}

/** What a token of a root Hub may do: `whoami-v2` tells it. */
export type HubRole =
  | { readonly kind: 'read' }
  | { readonly kind: 'write' }
  /** Models and namespaces that it may write to; read others it may. */
  | { readonly kind: 'fineGrained'; readonly writes: readonly string[]; readonly readsGated?: boolean }
  /** A browser's login. */
  | { readonly kind: 'oauth'; readonly expiresAt?: Date };

export interface HubTokenOptions {
  readonly role: HubRole;
  readonly user?: { readonly name: string; readonly email: string };
  /** Roles in organizations, by slug; absent where it is an admin of all. */
  readonly organizations?: Readonly<Record<string, 'admin' | 'write' | 'contributor' | 'read' | 'no_access'>>;
  readonly displayName?: string;
}

/** A Hub at the root of its address: the same models as those of the registry that always exists, with other rules. */
export interface RootHub {
  /** What `HF_ENDPOINT` would hold. */
  readonly url: string;
  /** May read all and write to every namespace. */
  readonly token: string;
  addToken(options: HubTokenOptions): string;
  /** Who may read a model, all by default; `letIn` names tokens that may read a gated one. Owners may anyway. */
  setAccess(
    model: string,
    access: {
      readonly private?: boolean;
      readonly gated?: false | 'auto' | 'manual';
      readonly letIn?: readonly string[];
    },
  ): void;
  /** Has an id lead to another model from now on. */
  move(from: string, to: string): void;
}

export interface RegistryOptions {
  /** Holds everything the registry keeps; made when missing, served again when not. */
  readonly dataDir: string;
  /** 0 takes a free one. */
  readonly port?: number;
  /** Adds two more organizations, registries of several ecosystems and some published models, once. */
  readonly seed?: boolean;
  readonly hub?: HubBehaviour;
  /** Serves a Hub at the root of another address, too. */
  readonly rootHub?: RootHubOptions;
  /** Requests per window on the REST API, Buildkite's defaults when absent: 200 per organization, 50 per user, 60 seconds. */
  readonly rateLimit?: {
    readonly organization: number;
    readonly user: number;
    readonly windowSeconds?: number;
  };
  /** How Hugging Face packages are named, which the real service does not document: `buildkite/bodies.ts`. Default `model`. */
  readonly packageNames?: 'model' | 'modelAndSha';
  /** Milliseconds after which a new build starts to run, and as many again after which it passes. Absent: only `builds.setState` moves one. */
  readonly buildStepMs?: number;
}

/** What a fault does to a request that matches. */
export type Fault =
  | { readonly kind: 'delay'; readonly ms: number }
  /** Carries the request out once the promise is settled. */
  | { readonly kind: 'hold'; readonly until: Promise<unknown> }
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string;
    }
  /** Destroys the connection once `afterBytes` of the request's body arrived. */
  | { readonly kind: 'resetRequest'; readonly afterBytes: number }
  /** Carries the request out, then destroys the connection before a byte of the answer: a lost answer. */
  | { readonly kind: 'loseAnswer' }
  /** Sends `afterBytes` of the answer's body, then destroys the connection. */
  | { readonly kind: 'resetAnswer'; readonly afterBytes: number }
  /** Accepts the request and never answers. */
  | { readonly kind: 'hang' }
  /** Answers 200 with `bytes` of blanks that were to be JSON; without end and unannounced where `bytes` is left out. */
  | { readonly kind: 'flood'; readonly bytes?: number; readonly bytesPerSecond?: number }
  /** Holds each connection's request body to that speed. */
  | { readonly kind: 'slow'; readonly bytesPerSecond: number };

export interface FaultRule {
  readonly method?: string;
  /** Tested against path and query. */
  readonly path: RegExp;
  readonly fault: Fault;
  /** How many requests it hits. Default 1; Infinity for all. */
  readonly times?: number;
  /** How many matching requests pass first. Default 0. */
  readonly after?: number;
}

/** One request as it arrived. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bodyBytes: number;
  /** Absent while the request is under way and where no answer was sent. */
  readonly status: number | undefined;
}

/** A build as a test sees it. */
export interface RecordedBuild {
  readonly number: number;
  readonly state: string;
  readonly blocked: boolean;
  readonly message: string;
  readonly commit: string;
  readonly branch: string;
  readonly env: Readonly<Record<string, string>>;
  readonly metaData: Readonly<Record<string, string>>;
}

/** The agents of a local registry: what they would do with a build, a test does. */
export interface BuildControl {
  /** Those of a pipeline (its slug), newest first. */
  of(organization: string, pipeline: string): readonly RecordedBuild[];
  /** `blocked` says that it waits for someone to unblock it, with `state` as the last state. */
  setState(
    organization: string,
    pipeline: string,
    number: number,
    state: BuildState,
    options?: { readonly blocked?: boolean },
  ): void;
}

export interface RunningRegistry {
  /** Ends in `/v2`, as `https://api.buildkite.com/v2` does. */
  readonly apiUrl: string;
  /** `{packagesUrl}/{organization}/{registry}/huggingface` is a Hub endpoint. */
  readonly packagesUrl: string;
  readonly webUrl: string;
  /** Absent where none was asked for. */
  readonly rootHub?: RootHub;
  /** May do everything. */
  readonly token: string;
  /** Scopes read_registries, read_packages, read_organizations, read_user. */
  readonly readOnlyToken: string;
  /** Slug of the organization that always exists. */
  readonly organization: string;
  /** Slug of its Hugging Face registry that always exists. */
  readonly registry: string;
  readonly requests: readonly RecordedRequest[];
  /** Adds a fault; the returned function takes it away again. */
  inject(rule: FaultRule): () => void;
  clearFaults(): void;
  /** A new token. `expiresAt` in the past makes an expired one. */
  addToken(options: {
    readonly scopes: readonly Scope[];
    readonly organizations?: readonly string[];
    readonly expiresAt?: Date;
    readonly user?: { readonly name: string; readonly email: string };
  }): string;
  revokeToken(token: string): void;
  /** With `teams`, their names, a new registry has to be given to some of them; without, to none. */
  addOrganization(slug: string, name?: string, teams?: readonly string[]): void;
  addRegistry(
    organization: string,
    name: string,
    ecosystem: string,
    details?: { readonly public?: boolean },
  ): { readonly slug: string };
  /** A pipeline that builds `repository`, a URL that Git takes. */
  addPipeline(organization: string, details: PipelineDetails): { readonly slug: string };
  readonly builds: BuildControl;
  /** Publishes a commit through the store, without HTTP, and returns its SHA. Without `createdAt` the package is made now. */
  addModelVersion(
    organization: string,
    registry: string,
    model: string,
    files: Readonly<Record<string, string | Buffer>>,
    message?: string,
    createdAt?: Date,
  ): Promise<string>;
  /** Fills a registry in seconds; the models' names, the one with the newest version first: manyVersions.ts. */
  addManyVersions(
    organization: string,
    registry: string,
    counts: { readonly models: number; readonly versions: number },
  ): Promise<readonly string[]>;
  /** Absolute path of the model's bare Git repository. */
  gitDirectory(organization: string, registry: string, model: string): string;
  /** Whether an LFS object of that SHA-256 is stored for the registry. */
  hasObject(organization: string, registry: string, sha256: string): Promise<boolean>;
  /** Stops listening, closes every connection, writes state. The data directory stays. */
  stop(): Promise<void>;
}
