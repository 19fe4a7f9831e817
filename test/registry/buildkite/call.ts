import { reaches } from '../access.ts';
import type { Scope } from '../registry.ts';
import type { AnswerHeaders, Exchange } from '../routing.ts';
import type { Build, Organization, Registry, Token, User } from '../state.ts';
import type { PackageNames } from './bodies.ts';
import type { Usage } from './rateLimit.ts';
import type { Invalid } from './registryRequest.ts';

/** A request by a known caller that stayed within the limits. */
export interface Call {
  readonly exchange: Exchange;
  readonly user: User;
  readonly token: Token;
  readonly names: PackageNames;
  /** What it counted against. */
  readonly usages: readonly Usage[];
  readonly onBuild: (build: Build) => void;
  /** What the route's `:name` segments hold. */
  readonly params: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  /** JSON; absent for an empty body. */
  readonly body?: unknown;
  readonly headers?: AnswerHeaders;
}

export interface Route {
  readonly methods: readonly string[];
  /** Segments after `/v2/`. */
  readonly path: string;
  readonly scope?: Scope;
  readonly run: (call: Call) => Answer | Promise<Answer>;
}

/** Path of the routes about registries, after `/v2/`. */
export const registriesPath = 'packages/organizations/:organization/registries';

/** Ends a call with an error. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(status: number, message: string, errors?: readonly string[]) {
    super(message);
    this.answer = { status, body: { message, ...(errors && { errors }) } };
  }
}

/** One that the token was not granted is as if it did not exist. */
export function organizationOf({ exchange, token, params }: Call): Organization {
  const organization = exchange.state.organization(params.organization ?? '');
  if (!organization || !reaches(token, organization.slug)) {
    throw new Refusal(404, 'No organization found');
  }
  return organization;
}

export function registryOf(call: Call): Registry {
  const organization = organizationOf(call);
  const registry = call.exchange.state.registry(organization.slug, call.params.registry ?? '');
  if (!registry) throw new Refusal(404, 'No registry found');
  return registry;
}

export function valid<Value extends object>(value: Value | Invalid): Value {
  if ('errors' in value) throw new Refusal(422, 'Validation Failed', value.errors);
  return value;
}
