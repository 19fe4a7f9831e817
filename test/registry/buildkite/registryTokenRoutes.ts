import type { Registry } from '../state.ts';
import type { RegistryToken } from '../registryTokens.ts';
import { registryTokenBody } from './bodies.ts';
import {
  organizationOf,
  Refusal,
  registriesPath,
  registryOf,
  type Answer,
  type Call,
  type Route,
} from './call.ts';

const tokensPath = `${registriesPath}/:registry/tokens`;
const tokenPath = `${tokensPath}/:token`;

/** https://buildkite.com/docs/apis/rest-api/package-registries/registry-tokens */
export const registryTokenRoutes: readonly Route[] = [
  { methods: ['GET'], path: tokensPath, scope: 'read_registries', run: listTokens },
  { methods: ['POST'], path: tokensPath, scope: 'write_registries', run: createToken },
  { methods: ['GET'], path: tokenPath, scope: 'read_registries', run: showToken },
  { methods: ['POST'], path: tokenPath, scope: 'write_registries', run: updateToken },
  { methods: ['DELETE'], path: tokenPath, scope: 'write_registries', run: deleteToken },
];

/** Documented without pages. */
function listTokens(call: Call): Answer {
  const registry = registryOf(call);
  const tokens = call.exchange.state.registryTokens.of(registry.id);
  return { status: 200, body: tokens.map((token) => bodyOf(call, registry, token)) };
}

async function createToken(call: Call): Promise<Answer> {
  const { exchange, user } = call;
  const registry = registryOf(call);
  const description = descriptionIn(await exchange.json());
  if (registry.public) throw new Refusal(422, 'Validation Failed', ['Registry must be private']);
  const details = { registryId: registry.id, description, userId: user.id };
  const token = exchange.state.registryTokens.add(details);
  return { status: 200, body: { ...bodyOf(call, registry, token), token: token.secret } };
}

function showToken(call: Call): Answer {
  const registry = registryOf(call);
  return { status: 200, body: bodyOf(call, registry, tokenOf(call, registry)) };
}

async function updateToken(call: Call): Promise<Answer> {
  const { exchange } = call;
  const registry = registryOf(call);
  const token = tokenOf(call, registry);
  const described = exchange.state.registryTokens.describe(token, descriptionIn(await exchange.json()));
  return { status: 200, body: bodyOf(call, registry, described) };
}

function deleteToken(call: Call): Answer {
  call.exchange.state.registryTokens.delete(tokenOf(call, registryOf(call)).id);
  return { status: 200 };
}

function bodyOf(call: Call, registry: Registry, token: RegistryToken): object {
  const { state, roots } = call.exchange;
  return registryTokenBody(token, registry, organizationOf(call), state.user(token.userId), roots);
}

function tokenOf({ exchange, params }: Call, registry: Registry): RegistryToken {
  const token = exchange.state.registryTokens.one(registry.id, params.token ?? '');
  if (!token) throw new Refusal(404, 'No registry token found');
  return token;
}

function descriptionIn(body: unknown): string {
  const description =
    typeof body === 'object' && body !== null && 'description' in body ? body.description : undefined;
  if (typeof description === 'string' && description.trim() !== '') return description;
  throw new Refusal(422, 'Validation Failed', ["Description can't be blank"]);
}
