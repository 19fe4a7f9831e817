import { callerOf, hasScope, type Caller } from '../access.ts';
import type { HubTokenOptions, RootHub, RootHubOptions } from '../registry.ts';
import type { Exchange, Handler } from '../routing.ts';
import type { Registry, State } from '../state.ts';
import type { ModelStore } from '../store/modelStore.ts';
import { modelName, type Behaviour, type HubCall, type Standing } from './call.ts';
import { createRepository } from './publishRoutes.ts';
import { HubRefusal } from './refusal.ts';
import { answeredOrRefused } from './refuse.ts';
import { matching, routes, type Route } from './routes.ts';
import type { SignedUrls } from './signedUrls.ts';

/** The namespace of models that have none, which callers never see. */
const NO_NAMESPACE = 'models';
/** Files of the root folder that `resolve` gives to everybody, gated or not. */
const UNGATED = ['README.md', 'LICENSE', 'LICENSE.md', 'LICENSE.txt'];

type Access = Parameters<RootHub['setAccess']>[1];
type KnownCaller = HubCall['caller'];

export interface RootHubContext {
  readonly models: ModelStore;
  readonly behaviour: Behaviour;
  readonly urls: SignedUrls;
  readonly state: State;
  /** Holds the models. */
  readonly registry: Registry;
  readonly options: RootHubOptions;
}

/**
 * A Hub at the root of its address, and who may see what of it: a private model is not found by those who may not read it,
 * a gated one is listed and keeps its files from them, whoever is not signed in is asked to, and an old name leads to the new.
 */
export class RootHubServer {
  readonly #context: RootHubContext;
  readonly #routes: readonly Route[];
  /** By `namespace/name`. */
  readonly #access = new Map<string, Access>();
  /** Ids in lower case, to ids. */
  readonly #moved = new Map<string, string>();

  constructor(context: RootHubContext) {
    this.#context = context;
    const { modelIdSegments, lacks = [] } = context.options;
    const there = routes.filter(
      ({ call, run }) =>
        !(call && lacks.includes(call)) && !(lacks.includes('create') && run === createRepository),
    );
    this.#routes =
      modelIdSegments === 1
        ? there.map((route) => ({ ...route, path: route.path.replace(':namespace/', '') }))
        : there;
  }

  addToken({ role, user, organizations, displayName }: HubTokenOptions): string {
    const { state } = this.#context;
    const owner = user ?? { name: 'Ada Lovelace', email: 'ada@example.com' };
    const writes = role.kind !== 'read' && (role.kind !== 'fineGrained' || role.writes.length > 0);
    return state.addToken(state.ensureUser(owner.name, owner.email), {
      scopes: ['read_packages', ...(writes ? ['write_packages'] : [])],
      description: displayName ?? `${role.kind} token`,
      hub: { role, ...(organizations && { organizations }) },
    }).secret;
  }

  setAccess(model: string, access: Access): void {
    this.#access.set(this.#named(model, undefined), access);
  }

  move(from: string, to: string): void {
    this.#moved.set(from.toLowerCase(), to);
  }

  readonly handle: Handler = async (exchange) => {
    const location = this.#movedTo(exchange);
    if (location !== undefined) {
      await exchange.answer(
        307,
        { location, 'content-type': 'text/plain' },
        `Temporary Redirect to ${location}`,
      );
      return true;
    }
    const found = matching(this.#routes, exchange.method, exchange.segments);
    if (!found) return this.#lacks(exchange);
    await answeredOrRefused(exchange, found.route.refusesInText === true, () =>
      this.#answer(exchange, found),
    );
    return true;
  };

  async #answer(
    exchange: Exchange,
    { route, params }: NonNullable<ReturnType<typeof matching>>,
  ): Promise<void> {
    const { models, behaviour, urls, registry, options } = this.#context;
    const caller = callerOf(exchange);
    if (caller.kind === 'rejected' || (caller.kind === 'anonymous' && needsToken(route))) throw notSignedIn();
    const isModel = params.model !== undefined;
    const call: HubCall = {
      ...{ exchange, caller, registry, models, behaviour, urls },
      endpoint: exchange.roots.packages,
      params: isModel && options.modelIdSegments === 1 ? { ...params, namespace: NO_NAMESPACE } : params,
      isWrite: route.access === 'write',
      standing: (model) => this.#standing(model, caller),
      makePrivate: (model) => void this.#access.set(model, { private: true }),
      needWrite: (model) => this.#needWrite(model, caller),
      shown: (model) => (options.modelIdSegments === 1 ? model.slice(NO_NAMESPACE.length + 1) : model),
      named: (id) => this.#named(id, caller),
    };
    if (isModel) this.#admit(call, route, modelName(call));
    if (options.lacks?.includes('create') && route.makes)
      await models.model(registry.id, modelName(call)).create();
    await route.run(call);
  }

  /** @throws HubRefusal for a caller who may not use the model in that way. */
  #admit(call: HubCall, route: Route, model: string): void {
    const { caller } = call;
    const standing = this.#standing(model, caller);
    const { exists } = call.models.model(call.registry.id, model);
    // What is missing is hidden behind what is private.
    if (caller.kind !== 'user' && !exists) throw notSignedIn();
    if (standing.private && !standing.letIn) {
      throw caller.kind === 'user'
        ? new HubRefusal(404, 'Repository not found', 'RepoNotFound')
        : notSignedIn();
    }
    if (call.isWrite) this.#needWrite(model, caller);
    const isOpen = route.path.includes('/resolve/') && UNGATED.includes(call.params.path ?? '');
    if (route.gated === true && standing.gated !== false && !standing.letIn && !isOpen)
      throw gated(call.shown(model), caller);
  }

  #standing(model: string, caller: KnownCaller): Standing {
    const access = this.#access.get(model);
    const standing = { private: access?.private === true, gated: access?.gated ?? false };
    if (!standing.private && standing.gated === false) return { ...standing, letIn: true };
    if (caller.kind !== 'user') return { ...standing, letIn: false };
    const { role } = caller.token.hub ?? {};
    const isKept = standing.gated !== false && role?.kind === 'fineGrained' && role.readsGated !== true;
    const isOwner = roleIn(model.split('/')[0]!, caller) !== 'no_access';
    const isGuest = access?.letIn?.includes(caller.token.secret) === true;
    return { ...standing, letIn: !isKept && (isOwner || isGuest) };
  }

  /** @throws HubRefusal for a caller who may not write to a model. */
  #needWrite(model: string, caller: KnownCaller): void {
    if (caller.kind !== 'user') throw notSignedIn();
    const namespace = model.split('/')[0]!;
    const { role } = caller.token.hub ?? {};
    const isGranted =
      role?.kind === 'fineGrained'
        ? role.writes.some((name) => name === namespace || name === model)
        : hasScope(caller.token, 'write_packages');
    const isMember = ['admin', 'write', 'contributor'].includes(roleIn(namespace, caller));
    if (isGranted && isMember) return;
    throw new HubRefusal(
      403,
      `You have read access but not the required permissions for this operation: ${namespace} is not yours to write to.`,
    );
  }

  #named(id: string, caller: KnownCaller | undefined): string {
    if (this.#context.options.modelIdSegments === 1) return `${NO_NAMESPACE}/${id}`;
    return id.includes('/') || caller?.kind !== 'user' ? id : `${ownNamespace(caller)}/${id}`;
  }

  /** Where a request for a model that has moved is sent on to, relative as the Hub has it. */
  #movedTo({ url, segments }: Exchange): string | undefined {
    const start = segments[0] === 'api' && segments[1] === 'models' ? 2 : 0;
    for (const count of [2, 1]) {
      const id = segments.slice(start, start + count).join('/');
      const suffix = id.endsWith('.git') ? '.git' : '';
      const target = this.#moved.get(id.slice(0, id.length - suffix.length).toLowerCase());
      if (target === undefined) continue;
      const parts = url.pathname.split('/');
      parts.splice(1 + start, count, ...`${target}${suffix}`.split('/'));
      return `${parts.join('/')}${url.search}`;
    }
    return undefined;
  }

  async #lacks(exchange: Exchange): Promise<boolean> {
    const { lacking = '404' } = this.#context.options;
    if (lacking === 'page') {
      await exchange.answer(
        200,
        { 'content-type': 'text/html; charset=utf-8' },
        '<!doctype html><title>Models</title>',
      );
    } else
      await exchange.answerJson(Number(lacking), {
        error: 'Sorry, we can’t find the page you are looking for.',
      });
    return true;
  }
}

function needsToken({ access }: Route): boolean {
  return access === 'token' || access === 'write';
}

function ownNamespace({ user }: Extract<Caller, { kind: 'user' }>): string {
  return user.email.split('@')[0]!;
}

/** Models without namespaces are everybody's. */
function roleIn(namespace: string, caller: Extract<Caller, { kind: 'user' }>): string {
  if (namespace === ownNamespace(caller) || namespace === NO_NAMESPACE) return 'admin';
  const roles = caller.token.hub?.organizations;
  return roles ? (roles[namespace] ?? 'no_access') : 'admin';
}

/** The same words for a bad token, a private model and one that is not there. */
function notSignedIn(): HubRefusal {
  return new HubRefusal(401, 'Invalid username or password.', undefined, {
    'www-authenticate': 'Bearer realm="Authentication required", charset="UTF-8"',
  });
}

function gated(model: string, caller: KnownCaller): HubRefusal {
  return caller.kind === 'user'
    ? new HubRefusal(
        403,
        `Access to model ${model} is restricted and you are not in the authorized list. Visit https://huggingface.co/${model} to ask for access.`,
        'GatedRepo',
      )
    : new HubRefusal(
        401,
        `Access to model ${model} is restricted. You must have access to it and be authenticated to access it. Please log in.`,
        'GatedRepo',
      );
}
