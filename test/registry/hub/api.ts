import { callerOf, hasScope, reaches, type Caller } from '../access.ts';
import type { Exchange, Handler } from '../routing.ts';
import type { Registry } from '../state.ts';
import type { ModelStore } from '../store/modelStore.ts';
import { modelName, type Behaviour, type HubCall } from './call.ts';
import { createRepository } from './publishRoutes.ts';
import { HubRefusal } from './refusal.ts';
import { answeredOrRefused } from './refuse.ts';
import { matching, routes, type Route } from './routes.ts';
import type { SignedUrls } from './signedUrls.ts';

/** The Hub protocol under `/{organization}/{registry}/huggingface`. */
export function handleHub(models: ModelStore, behaviour: Behaviour, urls: SignedUrls): Handler {
  return async (exchange) => {
    const [organization, slug, suffix, ...rest] = exchange.segments;
    if (suffix !== 'huggingface' || organization === undefined || slug === undefined) return false;
    const found = matching(routes, exchange.method, rest);
    await answeredOrRefused(exchange, found?.route.refusesInText === true, async () => {
      if (!found || (behaviour.madeBy === 'write' && found.route.run === createRepository))
        throw new HubRefusal(404, `This registry does not answer ${exchange.method} /${rest.join('/')}.`);
      const caller = callerOf(exchange);
      const registry = admitted(exchange, caller, organization, slug, found.route.access);
      if (caller.kind === 'rejected') throw new Error('A rejected caller was admitted.');
      const call: HubCall = {
        exchange,
        caller,
        registry,
        models,
        behaviour,
        urls,
        endpoint: `${exchange.roots.packages}/${organization}/${slug}/huggingface`,
        params: found.params,
        isWrite: found.route.access === 'write',
        standing: () => ({ private: !registry.public, gated: false, letIn: true }),
        shown: (model) => model,
        named: (id) => id,
      };
      if (behaviour.madeBy === 'write' && found.route.makes)
        await models.model(registry.id, modelName(call)).create();
      await found.route.run(call);
    });
    return true;
  };
}

/** The registry, for a caller who may use it in that way. @throws HubRefusal for others. */
function admitted(
  { state }: Exchange,
  caller: Caller,
  organization: string,
  slug: string,
  access: Route['access'],
): Registry {
  if (caller.kind === 'rejected') {
    // With these words alone huggingface_hub takes it for a matter of the token, not of a model that is missing.
    throw new HubRefusal(401, `Invalid credentials in Authorization header. ${caller.reason}`, undefined, {
      'x-error-message': 'Invalid credentials in Authorization header',
    });
  }
  const registry = state.registry(organization, slug);
  const isOpen = access === 'none' || (access === 'read' && registry?.public === true);
  if (caller.kind === 'anonymous') {
    if (!isOpen) throw new HubRefusal(401, 'This registry needs an access token.');
  } else if (caller.kind === 'registryToken') {
    if (!isOpen && (access !== 'read' || caller.registryId !== registry?.id)) {
      throw new HubRefusal(403, 'A registry token may read its own registry, and nothing else.');
    }
  } else if (!isOpen && !reaches(caller.token, organization)) {
    throw new HubRefusal(403, `Your access token was not granted the organization ${organization}.`);
  }
  if (!registry) {
    throw new HubRefusal(
      404,
      `There is no registry ${slug} in the organization ${organization}.`,
      'RepoNotFound',
    );
  }
  if (registry.ecosystem !== 'huggingface') {
    throw new HubRefusal(
      400,
      `The registry ${slug} holds ${registry.ecosystem} packages. Models need a Hugging Face registry.`,
    );
  }
  if (caller.kind === 'user' && access !== 'token' && !isOpen) {
    const scope = access === 'read' ? 'read_packages' : 'write_packages';
    if (!hasScope(caller.token, scope)) {
      throw new HubRefusal(403, `Your access token doesn’t have the ${scope} scope.`);
    }
  }
  return registry;
}
