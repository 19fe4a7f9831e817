import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { HubTokenOptions, Scope } from './registry.ts';
import type { BuildState, PipelineDetails } from './pipelines.ts';
import { RegistryTokens, type RegistryToken } from './registryTokens.ts';
import { uuidv7 } from './uuid.ts';

/** Dates are ISO 8601 strings in UTC with milliseconds. */
export interface User {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly createdAt: string;
}

/** An API access token. */
export interface Token {
  readonly uuid: string;
  /** The token itself, `bkua_…`. */
  readonly secret: string;
  readonly description: string;
  readonly scopes: readonly Scope[];
  readonly userId: string;
  /** Slugs of the organizations it was granted; undefined means all, also those made later. */
  readonly organizations: readonly string[] | undefined;
  readonly createdAt: string;
  readonly expiresAt: string | undefined;
  /** Of a token of the root Hub. */
  readonly hub?: HubToken;
}

/** What the root Hub knows of a token besides. */
export type HubToken = Pick<HubTokenOptions, 'role' | 'organizations'>;

export interface Organization {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  /** Names of its teams, where a new registry has to be given to some of them; absent where the organization does without. */
  readonly teams?: readonly string[];
  readonly createdAt: string;
}

export interface Registry {
  readonly id: string;
  /** Slug. */
  readonly organization: string;
  readonly slug: string;
  readonly name: string;
  /** `huggingface`, `python`, `container`, … */
  readonly ecosystem: string;
  readonly description: string | null;
  readonly emoji: string | null;
  readonly color: string | null;
  readonly public: boolean;
  /** YAML. */
  readonly oidcPolicy: string | null;
  readonly teamIds: readonly string[];
  readonly createdAt: string;
}

/** A package. In a Hugging Face registry each commit on `main` of a model is one. */
export interface Package {
  /** UUID of version 7: later packages sort after earlier ones. */
  readonly id: string;
  readonly registryId: string;
  /** In a Hugging Face registry the model, `namespace/name`. */
  readonly name: string;
  /** In a Hugging Face registry the commit's SHA. */
  readonly version: string;
  readonly createdAt: string;
  /** Bytes of all its files. */
  readonly size: number;
  readonly digests: { readonly sha256: string; readonly sha512: string };
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Builds a repository's commits. */
export interface Pipeline {
  readonly id: string;
  /** Slug. */
  readonly organization: string;
  readonly slug: string;
  readonly name: string;
  /** URL of the Git repository. */
  readonly repository: string;
  readonly defaultBranch: string;
  /** Branches it builds, as Buildkite spells a filter: names and patterns with `*`, by spaces. Null for all. */
  readonly branches: string | null;
  readonly archivedAt: string | null;
  readonly createdAt: string;
}

export interface Build {
  readonly id: string;
  readonly pipelineId: string;
  /** Unique in its pipeline, from 1. */
  readonly number: number;
  readonly state: BuildState;
  readonly blocked: boolean;
  readonly cancelReason: string | null;
  readonly message: string;
  readonly commit: string;
  readonly branch: string;
  readonly env: Readonly<Record<string, string>>;
  readonly metaData: Readonly<Record<string, string>>;
  readonly author: { readonly name: string; readonly email: string } | null;
  readonly creatorId: string;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly failingAt: string | null;
  readonly finishedAt: string | null;
}

/** What a caller states about a new build. */
export type BuildDetails = Pick<
  Build,
  'message' | 'commit' | 'branch' | 'env' | 'metaData' | 'author' | 'creatorId'
>;

/** States that a build does not leave by itself. */
const finalStates: readonly BuildState[] = ['passed', 'failed', 'canceled', 'skipped', 'not_run'];

/** What a caller may state about a registry; the rest has defaults. */
export interface RegistryDetails {
  readonly name: string;
  readonly ecosystem: string;
  readonly description?: string | null;
  readonly emoji?: string | null;
  readonly color?: string | null;
  readonly public?: boolean;
  readonly oidcPolicy?: string | null;
  readonly teamIds?: readonly string[];
}

/** What may change about a registry. A new `name` gives it a new slug. */
export type RegistryChanges = Partial<Omit<RegistryDetails, 'ecosystem' | 'teamIds'>>;

interface Defaults {
  readonly token: string;
  readonly readOnlyToken: string;
  readonly organization: string;
  readonly registry: string;
}

interface Persisted {
  version: 1;
  signingKey: string;
  defaults: Defaults | undefined;
  seeded: boolean;
  users: User[];
  tokens: Token[];
  organizations: Organization[];
  registries: Registry[];
  packages: Package[];
  pendingPackages: Package[];
  /** Absent in folders from before there were any. */
  pipelines?: Pipeline[];
  builds?: Build[];
  registryTokens?: readonly RegistryToken[];
}

/** A slug or name that is taken, or a name that gives no slug. */
export class InvalidRegistry extends Error {
  override readonly name = 'InvalidRegistry';
}

/** Lower-case words joined by hyphens, as Buildkite makes slugs of names. Empty where the name holds no letter or digit. */
export function slugOf(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

/**
 * Everything the registry knows besides the models' repositories and objects. Queries and changes are synchronous; a
 * change is written to `state.json` soon after, whole or not at all, and surely once `saved()` has resolved.
 */
export class State {
  readonly registryTokens: RegistryTokens;
  readonly #file: string;
  readonly #data: Persisted;
  /** Packages by registry, by ascending id. */
  readonly #packages = new Map<string, Package[]>();
  #writing: Promise<void> | undefined;
  #changed = false;

  private constructor(file: string, data: Persisted) {
    this.#file = file;
    this.#data = data;
    this.registryTokens = new RegistryTokens(data.registryTokens ?? [], () => this.#change());
    this.#insert(data.packages);
  }

  /** Reads `state.json` of a folder, which is made when missing. */
  static load(folder: string): State {
    fs.mkdirSync(folder, { recursive: true });
    const file = path.join(folder, 'state.json');
    let text: string | undefined;
    try {
      text = fs.readFileSync(file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    if (text === undefined) {
      const state = new State(file, {
        version: 1,
        signingKey: randomBytes(32).toString('hex'),
        defaults: undefined,
        seeded: false,
        users: [],
        tokens: [],
        organizations: [],
        registries: [],
        packages: [],
        pendingPackages: [],
      });
      state.#change();
      return state;
    }
    const data = JSON.parse(text) as Persisted;
    if ((data.version as number) !== 1) {
      throw new Error(`${file} was written by another version of the local registry. Use another folder.`);
    }
    return new State(file, data);
  }

  /** Resolves once every change made so far is on disk. */
  async saved(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  /** Secret that signs upload and download URLs. */
  get signingKey(): string {
    return this.#data.signingKey;
  }

  /** The organization, registry and tokens that always exist; undefined in a new folder. */
  get defaults(): Defaults | undefined {
    return this.#data.defaults;
  }

  set defaults(defaults: Defaults | undefined) {
    this.#data.defaults = defaults;
    this.#change();
  }

  get seeded(): boolean {
    return this.#data.seeded;
  }

  set seeded(seeded: boolean) {
    this.#data.seeded = seeded;
    this.#change();
  }

  // Users and tokens

  user(id: string): User | undefined {
    return this.#data.users.find((user) => user.id === id);
  }

  /** The user of that e-mail address, made when there is none. */
  ensureUser(name: string, email: string): User {
    const known = this.#data.users.find((user) => user.email === email);
    if (known) return known;
    const user: User = { id: uuidv7(), name, email, createdAt: new Date().toISOString() };
    this.#data.users.push(user);
    this.#change();
    return user;
  }

  /** The token with that secret, expired or not. */
  token(secret: string): Token | undefined {
    return this.#data.tokens.find((token) => token.secret === secret);
  }

  addToken(
    user: User,
    options: {
      readonly scopes: readonly Scope[];
      readonly organizations?: readonly string[] | undefined;
      readonly expiresAt?: Date | undefined;
      readonly description?: string | undefined;
      readonly hub?: HubToken;
    },
  ): Token {
    const token: Token = {
      uuid: uuidv7(),
      secret: `${options.hub ? 'hf' : 'bkua'}_${randomBytes(20).toString('hex')}`,
      description: options.description ?? 'Test token',
      scopes: [...options.scopes],
      userId: user.id,
      organizations: options.organizations && [...options.organizations],
      createdAt: new Date().toISOString(),
      expiresAt: options.expiresAt?.toISOString(),
      ...(options.hub && { hub: options.hub }),
    };
    this.#data.tokens.push(token);
    this.#change();
    return token;
  }

  /** Whether there was such a token. */
  deleteToken(secret: string): boolean {
    const index = this.#data.tokens.findIndex((token) => token.secret === secret);
    if (index < 0) return false;
    this.#data.tokens.splice(index, 1);
    this.#change();
    return true;
  }

  // Organizations

  /** In the order they were made. */
  organizations(): readonly Organization[] {
    return this.#data.organizations;
  }

  organization(slug: string): Organization | undefined {
    return this.#data.organizations.find((organization) => organization.slug === slug);
  }

  /** @throws InvalidRegistry when the slug is taken. */
  addOrganization(slug: string, name: string = slug, teams?: readonly string[]): Organization {
    if (this.organization(slug)) throw new InvalidRegistry(`There is an organization ${slug} already.`);
    const organization: Organization = {
      id: uuidv7(),
      slug,
      name,
      ...(teams && { teams: [...teams] }),
      createdAt: new Date().toISOString(),
    };
    this.#data.organizations.push(organization);
    this.#change();
    return organization;
  }

  // Registries

  /** Those of an organization, in the order they were made. */
  registries(organization: string): readonly Registry[] {
    return this.#data.registries.filter((registry) => registry.organization === organization);
  }

  allRegistries(): readonly Registry[] {
    return this.#data.registries;
  }

  registry(organization: string, slug: string): Registry | undefined {
    return this.#data.registries.find(
      (registry) => registry.organization === organization && registry.slug === slug,
    );
  }

  registryById(id: string): Registry | undefined {
    return this.#data.registries.find((registry) => registry.id === id);
  }

  /** @throws InvalidRegistry when the name gives no slug, or one that is taken. */
  addRegistry(organization: string, details: RegistryDetails): Registry {
    const registry: Registry = {
      id: uuidv7(),
      organization,
      slug: this.#freeSlug(organization, details.name),
      name: details.name,
      ecosystem: details.ecosystem,
      description: details.description ?? null,
      emoji: details.emoji ?? null,
      color: details.color ?? null,
      public: details.public ?? false,
      oidcPolicy: details.oidcPolicy ?? null,
      teamIds: [...(details.teamIds ?? [])],
      createdAt: new Date().toISOString(),
    };
    this.#data.registries.push(registry);
    this.#change();
    return registry;
  }

  /** Answers the registry as it is now. @throws InvalidRegistry as `addRegistry` does. */
  updateRegistry(id: string, changes: RegistryChanges): Registry {
    const index = this.#data.registries.findIndex((registry) => registry.id === id);
    const before = this.#data.registries[index];
    if (!before) throw new InvalidRegistry(`There is no registry ${id}.`);
    const after: Registry = {
      ...before,
      ...changes,
      slug:
        changes.name === undefined
          ? before.slug
          : this.#freeSlug(before.organization, changes.name, before.id),
    };
    this.#data.registries[index] = after;
    this.#change();
    return after;
  }

  /** With all its packages and tokens. Its repositories and objects go when the registry starts again. */
  deleteRegistry(id: string): void {
    this.#data.registries = this.#data.registries.filter((registry) => registry.id !== id);
    this.#data.pendingPackages = this.#data.pendingPackages.filter((each) => each.registryId !== id);
    this.#packages.delete(id);
    this.registryTokens.deleteAllOf(id);
    this.#change();
  }

  // Packages

  /** Those of a registry, newest first. */
  packages(registryId: string): Package[] {
    return this.#packagesOf(registryId).toReversed();
  }

  package(registryId: string, id: string): Package | undefined {
    return this.#packagesOf(registryId).find((each) => each.id === id);
  }

  addPackage(details: Omit<Package, 'id' | 'createdAt'>): Package {
    const added: Package = { id: uuidv7(), createdAt: new Date().toISOString(), ...details };
    this.addPackages([added]);
    return added;
  }

  addPackages(added: readonly Package[]): void {
    this.#insert(added);
    this.#change();
  }

  /** Whether there was such a package. */
  deletePackage(registryId: string, id: string): boolean {
    const packages = this.#packagesOf(registryId);
    const index = packages.findIndex((each) => each.id === id);
    if (index < 0) return false;
    packages.splice(index, 1);
    this.#change();
    return true;
  }

  /**
   * Packages whose commit was about to become a branch's head when they were noted: a registry that was killed in between
   * finds out on its next start which of them happened.
   */
  pendingPackages(): readonly Package[] {
    return this.#data.pendingPackages;
  }

  /** Notes a package that is not visible yet. Ends with `publishPending` or `dropPending`. */
  addPending(details: Omit<Package, 'id' | 'createdAt'> & Partial<Pick<Package, 'createdAt'>>): Package {
    const pending: Package = { id: uuidv7(), createdAt: new Date().toISOString(), ...details };
    this.#data.pendingPackages.push(pending);
    this.#change();
    return pending;
  }

  publishPending(pending: Package): void {
    this.dropPending(pending);
    if (this.registryById(pending.registryId)) this.#insert([pending]);
  }

  dropPending(pending: Package): void {
    this.#data.pendingPackages = this.#data.pendingPackages.filter((each) => each.id !== pending.id);
    this.#change();
  }

  // Pipelines and builds

  /** Those of an organization, by name. */
  pipelines(organization: string): readonly Pipeline[] {
    return (this.#data.pipelines ?? [])
      .filter((pipeline) => pipeline.organization === organization)
      .sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  pipeline(organization: string, slug: string): Pipeline | undefined {
    return this.pipelines(organization).find((pipeline) => pipeline.slug === slug);
  }

  /** @throws InvalidRegistry when the name gives no slug, or one that is taken. */
  addPipeline(organization: string, details: PipelineDetails): Pipeline {
    const slug = slugOf(details.name);
    if (slug === '') throw new InvalidRegistry('Name must hold a letter or a digit.');
    if (this.pipeline(organization, slug)) throw new InvalidRegistry('Name has already been taken.');
    const createdAt = new Date().toISOString();
    const pipeline: Pipeline = {
      id: uuidv7(),
      organization,
      slug,
      name: details.name,
      repository: details.repository,
      defaultBranch: details.defaultBranch ?? 'main',
      branches: details.branches ?? null,
      archivedAt: details.archived === true ? createdAt : null,
      createdAt,
    };
    (this.#data.pipelines ??= []).push(pipeline);
    this.#change();
    return pipeline;
  }

  /** Those of a pipeline, newest first. */
  builds(pipelineId: string): readonly Build[] {
    return (this.#data.builds ?? []).filter((build) => build.pipelineId === pipelineId).toReversed();
  }

  build(pipelineId: string, number: number): Build | undefined {
    return this.builds(pipelineId).find((build) => build.number === number);
  }

  /** A scheduled build. */
  addBuild(pipelineId: string, details: BuildDetails): Build {
    const build: Build = {
      id: uuidv7(),
      pipelineId,
      number: (this.builds(pipelineId)[0]?.number ?? 0) + 1,
      state: 'scheduled',
      blocked: false,
      cancelReason: null,
      createdAt: new Date().toISOString(),
      startedAt: null,
      failingAt: null,
      finishedAt: null,
      ...details,
    };
    (this.#data.builds ??= []).push(build);
    this.#change();
    return build;
  }

  /** Moves a build to a state, with the dates that belong to it. */
  moveBuild(
    id: string,
    state: BuildState,
    { blocked = false, cancelReason = null as string | null } = {},
  ): Build {
    const builds = (this.#data.builds ??= []);
    const index = builds.findIndex((build) => build.id === id);
    const before = builds[index];
    if (!before) throw new Error(`There is no build ${id}.`);
    const now = new Date().toISOString();
    const waits = ['creating', 'scheduled', 'waiting', 'skipped', 'not_run'].includes(state);
    const after: Build = {
      ...before,
      state,
      blocked,
      cancelReason: cancelReason ?? before.cancelReason,
      startedAt: before.startedAt ?? (waits ? null : now),
      failingAt: before.failingAt ?? (state === 'failing' ? now : null),
      // Documented: a build that is blocked is finished until someone unblocks it.
      finishedAt: finalStates.includes(state) || blocked ? (before.finishedAt ?? now) : null,
    };
    builds[index] = after;
    this.#change();
    return after;
  }

  #insert(added: readonly Package[]): void {
    for (const each of added) {
      const packages = this.#packagesOf(each.registryId);
      let at = packages.length;
      while (at > 0 && packages[at - 1]!.id > each.id) at -= 1;
      packages.splice(at, 0, each);
    }
  }

  #packagesOf(registryId: string): Package[] {
    let packages = this.#packages.get(registryId);
    if (!packages) {
      packages = [];
      this.#packages.set(registryId, packages);
    }
    return packages;
  }

  #freeSlug(organization: string, name: string, ownId?: string): string {
    const slug = slugOf(name);
    if (slug === '') throw new InvalidRegistry('Name must hold a letter or a digit.');
    const taken = this.registry(organization, slug);
    if (taken && taken.id !== ownId) throw new InvalidRegistry('Name has already been taken.');
    return slug;
  }

  #change(): void {
    this.#changed = true;
    this.#writing ??= this.#write();
  }

  async #write(): Promise<void> {
    try {
      while (this.#changed) {
        // Lets a burst of changes share one write.
        await new Promise<void>((resolve) => setImmediate(resolve));
        this.#changed = false;
        const text = JSON.stringify(
          {
            ...this.#data,
            packages: [...this.#packages.values()].flat(),
            registryTokens: this.registryTokens.all(),
          },
          null,
          1,
        );
        const temporary = `${this.#file}.new`;
        await fs.promises.writeFile(temporary, text, { mode: 0o600 });
        await fs.promises.rename(temporary, this.#file);
      }
    } finally {
      this.#writing = undefined;
    }
  }
}
