import { callerOf, hasScope, reaches } from '../access.ts';
import { InvalidBody } from '../routing.ts';
import type { Exchange, Handler } from '../routing.ts';
import { InvalidRegistry } from '../state.ts';
import type { Build, Token } from '../state.ts';
import {
  accessTokenBody,
  emojiBodies,
  organizationBody,
  packageBody,
  packageItemBody,
  packageName,
  registryBody,
  teamBody,
  teamId,
  teamNames,
  userBody,
} from './bodies.ts';
import type { PackageNames } from './bodies.ts';
import {
  organizationOf,
  Refusal,
  registriesPath,
  registryOf,
  valid,
  type Answer,
  type Call,
  type Route,
} from './call.ts';
import { cursorPage, numberedPage } from './pages.ts';
import { pipelineRoutes } from './pipelineRoutes.ts';
import {
  defaultLimits,
  exceeded,
  rateLimitBody,
  rateLimitHeaders,
  RateLimiter,
  rateLimitStatus,
} from './rateLimit.ts';
import type { Limits } from './rateLimit.ts';
import { creation, update } from './registryRequest.ts';
import { registryTokenRoutes } from './registryTokenRoutes.ts';

export interface BuildkiteOptions {
  /** Buildkite's defaults where absent. */
  readonly rateLimit?: Partial<Limits> | undefined;
  /** Default `model`. */
  readonly packageNames?: PackageNames | undefined;
  /** Called with every build that was created. */
  readonly onBuild?: ((build: Build) => void) | undefined;
}

const routes: readonly Route[] = [
  { methods: ['GET'], path: 'access-token', run: showAccessToken },
  { methods: ['DELETE'], path: 'access-token', run: revokeAccessToken },
  { methods: ['GET'], path: 'user', scope: 'read_user', run: showUser },
  { methods: ['GET'], path: 'organizations', scope: 'read_organizations', run: listOrganizations },
  {
    methods: ['GET'],
    path: 'organizations/:organization',
    scope: 'read_organizations',
    run: showOrganization,
  },
  { methods: ['GET'], path: 'organizations/:organization/emojis', run: listEmojis },
  { methods: ['GET'], path: 'organizations/:organization/rate_limit', run: showRateLimit },
  { methods: ['GET'], path: 'organizations/:organization/teams', scope: 'read_teams', run: listTeams },
  { methods: ['GET'], path: registriesPath, scope: 'read_registries', run: listRegistries },
  { methods: ['POST'], path: registriesPath, scope: 'write_registries', run: createRegistry },
  { methods: ['GET'], path: `${registriesPath}/:registry`, scope: 'read_registries', run: showRegistry },
  {
    // Documented is POST, Buildkite's Go client sends PATCH and its Terraform provider PUT.
    methods: ['PUT', 'PATCH', 'POST'],
    path: `${registriesPath}/:registry`,
    scope: 'write_registries',
    run: updateRegistry,
  },
  {
    methods: ['DELETE'],
    path: `${registriesPath}/:registry`,
    scope: 'delete_registries',
    run: deleteRegistry,
  },
  {
    methods: ['GET'],
    path: `${registriesPath}/:registry/packages`,
    scope: 'read_packages',
    run: listPackages,
  },
  {
    methods: ['GET'],
    path: `${registriesPath}/:registry/packages/:package`,
    scope: 'read_packages',
    run: showPackage,
  },
  {
    methods: ['DELETE'],
    path: `${registriesPath}/:registry/packages/:package`,
    scope: 'delete_packages',
    run: deletePackage,
  },
  ...registryTokenRoutes,
  ...pipelineRoutes,
];

/** Buildkite's REST API, https://buildkite.com/docs/apis/rest-api, under `/v2`. Counts requests from the moment it is made. */
export function handleBuildkite(options: BuildkiteOptions = {}): Handler {
  const limiter = new RateLimiter({ ...defaultLimits, ...options.rateLimit });
  const names = options.packageNames ?? 'model';

  return async (exchange) => {
    if (exchange.segments[0] !== 'v2') return false;
    const caller = callerOf(exchange);
    const usages =
      caller.kind === 'user'
        ? limiter.count(chargedOrganization(exchange, caller.token), caller.user.id)
        : limiter.count(undefined, undefined);
    const overrun = exceeded(usages);

    let answer: Answer;
    if (caller.kind !== 'user') {
      answer = {
        status: 401,
        body: {
          message:
            'Authentication required. Please supply a valid API Access Token: https://buildkite.com/docs/apis/rest-api#authentication',
        },
      };
    } else if (overrun) {
      answer = { status: 429, body: rateLimitBody(overrun) };
    } else {
      answer = await answerTo(exchange, {
        user: caller.user,
        token: caller.token,
        names,
        usages,
        onBuild: options.onBuild ?? (() => undefined),
      });
    }
    const headers = { ...rateLimitHeaders(usages), ...answer.headers };
    if (answer.body === undefined) await exchange.answer(answer.status, headers);
    else await exchange.answerJson(answer.status, answer.body, headers);
    return true;
  };
}

/** Requests that name no organization count against the first one the token was granted. */
function chargedOrganization({ segments, state }: Exchange, token: Token): string | undefined {
  const at = segments.indexOf('organizations');
  const named = at < 0 ? undefined : segments[at + 1];
  const granted = state.organizations().filter(({ slug }) => reaches(token, slug));
  return (granted.find(({ slug }) => slug === named) ?? granted[0])?.id;
}

async function answerTo(exchange: Exchange, caller: Omit<Call, 'exchange' | 'params'>): Promise<Answer> {
  const segments = exchange.segments.slice(1);
  const method = exchange.method === 'HEAD' ? 'GET' : exchange.method;
  try {
    for (const route of routes) {
      const params = route.methods.includes(method) ? match(route.path, segments) : undefined;
      if (!params) continue;
      if (route.scope !== undefined && !hasScope(caller.token, route.scope)) {
        throw new Refusal(403, `Your access token doesn't have the ${route.scope} scope`);
      }
      return await route.run({ exchange, ...caller, params });
    }
    throw new Refusal(404, 'Not Found');
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    if (error instanceof InvalidBody) return new Refusal(400, error.message).answer;
    throw error;
  }
}

/** What the `:name` segments of a route's path hold, or undefined where the path is another. */
function match(path: string, segments: readonly string[]): Record<string, string> | undefined {
  const expected = path.split('/');
  if (expected.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of expected.entries()) {
    const segment = segments[index] ?? '';
    if (part.startsWith(':')) params[part.slice(1)] = segment;
    else if (part !== segment) return undefined;
  }
  return params;
}

function showAccessToken({ token, user }: Call): Answer {
  return { status: 200, body: accessTokenBody(token, user) };
}

function revokeAccessToken({ exchange, token }: Call): Answer {
  exchange.state.deleteToken(token.secret);
  return { status: 204 };
}

function showUser({ exchange, user }: Call): Answer {
  return { status: 200, body: userBody(user, exchange.roots) };
}

function listOrganizations({ exchange, token }: Call): Answer {
  const { state, roots, url } = exchange;
  const granted = state.organizations().filter(({ slug }) => reaches(token, slug));
  const page = numberedPage(granted, `${roots.api}/organizations`, url.searchParams);
  return {
    status: 200,
    body: page.items.map((each) => organizationBody(each, roots)),
    headers: page.headers,
  };
}

function showOrganization(call: Call): Answer {
  return { status: 200, body: organizationBody(organizationOf(call), call.exchange.roots) };
}

function listTeams(call: Call): Answer {
  const organization = organizationOf(call);
  const { roots, url } = call.exchange;
  const page = numberedPage(
    teamNames(organization).map((name) => teamBody(organization, name)),
    `${roots.api}/organizations/${organization.slug}/teams`,
    url.searchParams,
  );
  return { status: 200, body: page.items, headers: page.headers };
}

function listEmojis(call: Call): Answer {
  organizationOf(call);
  return { status: 200, body: emojiBodies(call.exchange.roots) };
}

/** Documented with a scope that no token can have, `read_accounts`, and therefore here without. */
function showRateLimit(call: Call): Answer {
  organizationOf(call);
  return { status: 200, body: rateLimitStatus(call.usages) };
}

function listRegistries(call: Call): Answer {
  const { state, roots } = call.exchange;
  const registries = state.registries(organizationOf(call).slug);
  return { status: 200, body: registries.map((each) => registryBody(each, roots)) };
}

async function createRegistry(call: Call): Promise<Answer> {
  const { exchange } = call;
  const organization = organizationOf(call);
  const teams = teamNames(organization).map((name) => teamId(organization, name));
  const details = valid(creation(await exchange.json(), teams, organization.teams !== undefined));
  const registry = accepted(() => exchange.state.addRegistry(organization.slug, details));
  return { status: 200, body: registryBody(registry, exchange.roots) };
}

function showRegistry(call: Call): Answer {
  return { status: 200, body: registryBody(registryOf(call), call.exchange.roots) };
}

async function updateRegistry(call: Call): Promise<Answer> {
  const { exchange } = call;
  const changes = valid(update(await exchange.json()));
  const registry = registryOf(call);
  const updated = accepted(() => exchange.state.updateRegistry(registry.id, changes));
  return { status: 200, body: registryBody(updated, exchange.roots) };
}

function deleteRegistry(call: Call): Answer {
  call.exchange.state.deleteRegistry(registryOf(call).id);
  return { status: 200 };
}

function listPackages(call: Call): Answer {
  const { exchange, names } = call;
  const registry = registryOf(call);
  const { state, roots, url } = exchange;
  const filter = url.searchParams.get('name');
  const packages = state
    .packages(registry.id)
    .filter((each) => filter === null || packageName(each, registry, names).includes(filter));
  const base = `${roots.api}/packages/organizations/${registry.organization}/registries/${registry.slug}/packages`;
  const { items, links } = cursorPage(packages, base, url.searchParams);
  return {
    status: 200,
    body: { items: items.map((each) => packageItemBody(each, registry, names, roots)), links },
  };
}

function showPackage(call: Call): Answer {
  const { exchange, params, names } = call;
  const registry = registryOf(call);
  const each = exchange.state.package(registry.id, params.package ?? '');
  if (!each) throw new Refusal(404, 'No package found');
  return {
    status: 200,
    body: packageBody(each, registry, organizationOf(call), names, exchange.roots),
  };
}

function deletePackage(call: Call): Answer {
  const { exchange, params } = call;
  if (!exchange.state.deletePackage(registryOf(call).id, params.package ?? '')) {
    throw new Refusal(404, 'No package found');
  }
  return { status: 200 };
}

function accepted<Value>(change: () => Value): Value {
  try {
    return change();
  } catch (error) {
    if (error instanceof InvalidRegistry) throw new Refusal(422, 'Validation Failed', [error.message]);
    throw error;
  }
}
