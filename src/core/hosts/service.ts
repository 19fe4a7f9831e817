import type { AccessToken } from '../accessToken.ts';
import type { HttpClient } from '../http/client.ts';
import type { ClientId } from '../instructions/clients.ts';
import type { InstructionTarget, Snippet } from '../instructions/snippets.ts';
import type { Environment } from '../programs/programPath.ts';
import type { RegistryAction, RegistryHost } from './host.ts';
import type { Admission, PolicyLanguage } from './policies.ts';

/**
 * A service of registries at its addresses, before anybody signs in. All that the editor knows of one: a kind of service is a folder
 * beside this file, and stands in the lists of the composition roots by its {@link ServiceKind}.
 */
export interface RegistryService {
  /** Such as `buildkite`; buttons of the manifest name it. */
  readonly kind: string;
  /** Stable, and unique among all services: the ids of accounts begin with it. */
  readonly id: string;
  /** What people call it. */
  readonly name: string;
  /** Where its tokens may go, the one that checks them first. Without trailing slashes. */
  readonly endpoints: readonly [URL, ...URL[]];
  /** The site for people. */
  readonly webUrl: URL;
  /** All of the settings that it is made of, as text: where that is another one, another service has taken its place. */
  readonly settings: string;
  readonly words: ServiceWords;
  readonly signIn: SignIn;
  /** How a build publishes a model, loaded when somebody wants to know; absent where the service builds nothing. */
  readonly buildInstructions?: () => Promise<BuildInstructions>;
  /** What the OIDC policies of its registries are written in, loaded when somebody writes one; absent where it has none. */
  readonly policyLanguage?: () => Promise<PolicyLanguage>;
  /** May be opened without an account, too: with a token that goes nowhere (no value, no origins) and no scopes. */
  readonly anonymous?: boolean;
  /** How a registry that is not one's own is shown beside those that are; absent where only one's own can be read. */
  readonly pinning?: Pinning;
  /** @param scopes What the token may do, as {@link SignIn.check} told. */
  open(token: AccessToken, scopes: ReadonlySet<string>, http: HttpClient): RegistryHost;
}

/** Registries of others that a setting names. */
export interface Pinning {
  /** Name of the setting, without the section. */
  readonly setting: string;
  /** Slugs. */
  readonly pinned: readonly string[];
  /** Why no registry can be called so; undefined where one can. */
  problemOf(slug: string): string | undefined;
  /** What the setting has to hold to name these. */
  valueWith(pinned: readonly string[]): unknown;
}

/** What people paste to have a build publish. Pure. */
export interface BuildInstructions {
  /** Which client a build uses where a person chose `client` for themselves. */
  clientFor(client: ClientId): ClientId;
  snippets(target: BuildTarget, client: ClientId): readonly Snippet[];
  /**
   * Whether the registry's policy lets the step of the snippets publish.
   *
   * @param policy As `OidcPolicies.read` gives it.
   */
  admission(policy: string | undefined, target: BuildTarget): Admission;
}

/** What a build publishes, and from where. */
export interface BuildTarget extends Omit<InstructionTarget, 'revision' | 'installFolder'> {
  readonly organization: string;
  /** Slug of the registry. */
  readonly registry: string;
  /** Slug of the pipeline; a placeholder takes its place where it is undefined. */
  readonly pipeline: string | undefined;
  /** The branch whose builds may publish, where `*` stands for any text; all where it is undefined. */
  readonly buildBranch: string | undefined;
}

/** How a service calls what it has, in sentences of the person's language. */
interface ServiceWords {
  /** That an account sees no organization. */
  readonly noOrganization: string;
  /** That an organization has no registries of models. */
  readonly noRegistry: string;
  /** Where a registry that holds models comes from, for people who have none. */
  readonly wayToRegistry: string;
  /** Where a token comes from that may read, for people who have no more to do with a registry. Names the page. */
  readonly wayToReadToken: string;
}

/** How one signs in to a service: what is pasted, where it is made, and who else may lend it. */
export interface SignIn {
  /** What the box for a token asks for. */
  readonly prompt: string;
  /** How a token begins, such as `bkua_…`. */
  readonly placeholder: string;
  /** The page that makes a token with the scopes for browsing, publishing and `actions`. */
  tokenPage(actions: readonly RegistryAction[]): URL;
  /** What the service calls the permission that an action needs; undefined where it has no such action. */
  scopeFor(action: RegistryAction): string | undefined;
  /** Whether a token of those scopes can list anything. */
  isUsable(scopes: ReadonlySet<string>): boolean;
  /**
   * Checks a pasted token with the server. Throws a `Failure`: `auth` for what is no token, unknown or expired, `forbidden` where
   * scopes are missing without which nothing can be listed, and what the HTTP client says where the server cannot be asked. None of
   * them holds the token.
   */
  check(text: string, http: HttpClient, signal: AbortSignal): Promise<CheckedToken>;
  /** What the server knows of a token now, whatever it may do. Throws as `check` does, except for missing scopes. */
  read(token: AccessToken, http: HttpClient, signal: AbortSignal): Promise<CheckedToken>;
  /** Whether a 401 of `url` says that the service does not take the token any more; elsewhere the service has to be asked. */
  isVerdict(url: URL): boolean;
  /** Logins of other programs that may be borrowed. */
  readonly lenders: readonly Lender[];
}

/** A token that the server knows. */
export interface CheckedToken {
  /** Bound to the origins of the service. */
  readonly token: AccessToken;
  /** The server's id of the token, or what else tells it apart from others of the same user. */
  readonly id: string;
  readonly description: string | undefined;
  readonly scopes: ReadonlySet<string>;
  /** E-mail address or name of its owner; undefined where the server does not tell. */
  readonly user: string | undefined;
  /** undefined where it does not expire. */
  readonly expiresAt: Date | undefined;
}

/** A program that is signed in already. Its token is asked for when it is needed, and never stored. */
export type Lender = ProgramLender | ExtensionLender;

interface LenderWords {
  /** Stable; a part of the ids of its accounts. */
  readonly id: string;
  /** What the choice of ways to sign in says. */
  readonly offer: string;
  /** Of the choice: a codicon. */
  readonly icon: string;
  /** What tells an account of that login apart, such as `bk, acme`. */
  nameOf(login: string): string;
  /** What holds after one signed out here. */
  readonly afterwards: string;
}

/** A program, or what it keeps in its files. */
export interface ProgramLender extends LenderWords {
  readonly kind: 'program';
  /** What asks for which of several logins. */
  readonly question: string;
  /** The logins that it has; empty where it is not here or not set up. May throw a `Failure`. */
  logins(signal: AbortSignal): Promise<readonly Login[]>;
  /** The token of a login now. Throws `auth` where there is none, `refused` where the program is not here or cannot be run. */
  token(login: string, signal: AbortSignal): Promise<string>;
  /** Has the program exchange a token that the server refused for a new one, where it can. Throws as `token` does. */
  renew(login: string, signal: AbortSignal): Promise<void>;
}

/** Another extension of VS Code that offers an authentication provider. */
export interface ExtensionLender extends LenderWords {
  readonly kind: 'extension';
  readonly extensionId: string;
  readonly providerId: string;
  /** Said where it does not lend its session. */
  readonly refusal: string;
}

export interface Login {
  readonly name: string;
  /** The one that the program itself uses where none is named. */
  readonly selected: boolean;
}

/** What a service may use of where it runs. */
export interface ServiceSurroundings {
  /** The value of a setting of this product, by its name without the section; unchecked. */
  readonly setting: (name: string) => unknown;
  /** Absolute path of a program by its name or path; undefined where there is none that may be run. */
  readonly findProgram: (name: string) => Promise<string | undefined>;
  readonly environment: Environment;
  readonly platform: NodeJS.Platform;
}

/** The services of one kind that the settings name. Throws a `refused` failure that names the setting where one holds no good value. */
export type ServiceKind = (surroundings: ServiceSurroundings) => readonly RegistryService[];
