import { callerOf, hasScope, reaches, type Caller } from '../access.ts';
import { InvalidBody, type Exchange, type Handler } from '../routing.ts';
import type { Registry } from '../state.ts';
import type { ModelStore } from '../store/modelStore.ts';
import { authCheck, whoAmI } from './accessRoutes.ts';
import { modelName, type Behaviour, type HubCall } from './call.ts';
import { commit } from './commitRoute.ts';
import { raw, resolve } from './contentRoutes.ts';
import { lfsBatch, lfsVerify } from './lfsRoutes.ts';
import { listModels } from './listModels.ts';
import { createRepository, preupload, validateYaml } from './publishRoutes.ts';
import { listCommits, listTree, modelInfo, pathsInfo } from './readRoutes.ts';
import { createBranch, createTag, deleteBranch, deleteTag, listRefs } from './refRoutes.ts';
import { HubRefusal } from './refusal.ts';
import type { SignedUrls } from './signedUrls.ts';

interface Route {
  readonly method: string;
  /** Segments after the endpoint; `*` takes all that are left, as `path`. */
  readonly path: string;
  /**
   * What the caller's token needs; `token` means any valid one, `read` is open to all where the registry is public, and
   * `none` to those who send no token at all.
   */
  readonly access: 'none' | 'token' | 'read' | 'write';
  /** Makes the model, where that is how models are made. */
  readonly makes?: boolean;
  /** Whether a refusal is told as text, as where the Hub hands out files, and not as JSON. */
  readonly refusesInText?: boolean;
  readonly run: (call: HubCall) => Promise<void>;
}

const api = 'api/models/:namespace/:model';
const model = ':namespace/:model';

const routes: readonly Route[] = [
  { method: 'POST', path: 'api/repos/create', access: 'write', run: createRepository },
  { method: 'GET', path: 'api/whoami-v2', access: 'token', run: whoAmI },
  // ModelCard.push_to_hub and metadata_update of huggingface_hub ask without a token.
  { method: 'POST', path: 'api/validate-yaml', access: 'none', run: validateYaml },
  { method: 'GET', path: 'api/models', access: 'read', run: listModels },
  { method: 'GET', path: api, access: 'read', run: modelInfo },
  { method: 'GET', path: `${api}/revision/:revision`, access: 'read', run: modelInfo },
  { method: 'GET', path: `${api}/auth-check`, access: 'read', run: authCheck },
  { method: 'GET', path: `${api}/auth-check/write`, access: 'write', run: authCheck },
  { method: 'GET', path: `${api}/refs`, access: 'read', run: listRefs },
  { method: 'GET', path: `${api}/commits/:revision`, access: 'read', run: listCommits },
  { method: 'GET', path: `${api}/tree/:revision`, access: 'read', run: listTree },
  { method: 'GET', path: `${api}/tree/:revision/*`, access: 'read', run: listTree },
  { method: 'POST', path: `${api}/paths-info/:revision`, access: 'read', run: pathsInfo },
  { method: 'POST', path: `${api}/branch/:revision`, access: 'write', run: createBranch },
  { method: 'DELETE', path: `${api}/branch/:revision`, access: 'write', run: deleteBranch },
  { method: 'POST', path: `${api}/tag/:revision`, access: 'write', run: createTag },
  { method: 'DELETE', path: `${api}/tag/:revision`, access: 'write', run: deleteTag },
  { method: 'POST', path: `${api}/preupload/:revision`, access: 'write', makes: true, run: preupload },
  { method: 'POST', path: `${api}/commit/:revision`, access: 'write', makes: true, run: commit },
  // Which scope it needs depends on the operation.
  { method: 'POST', path: `${model}.git/info/lfs/objects/batch`, access: 'read', makes: true, run: lfsBatch },
  { method: 'POST', path: `${model}.git/info/lfs/objects/verify`, access: 'write', run: lfsVerify },
  { method: 'GET', path: `${model}/resolve/:revision/*`, access: 'read', refusesInText: true, run: resolve },
  { method: 'GET', path: `${model}/raw/:revision/*`, access: 'read', refusesInText: true, run: raw },
];

/** The Hub protocol under `/{organization}/{registry}/huggingface`. */
export function handleHub(models: ModelStore, behaviour: Behaviour, urls: SignedUrls): Handler {
  return async (exchange) => {
    const [organization, slug, suffix, ...rest] = exchange.segments;
    if (suffix !== 'huggingface' || organization === undefined || slug === undefined) return false;
    const found = matching(exchange.method, rest);
    const inText = found?.route.refusesInText === true;
    try {
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
      };
      if (behaviour.madeBy === 'write' && found.route.makes)
        await models.model(registry.id, modelName(call)).create();
      await found.route.run(call);
    } catch (error) {
      if (error instanceof InvalidBody) await refuse(exchange, new HubRefusal(400, error.message), inText);
      else if (error instanceof HubRefusal) await refuse(exchange, error, inText);
      else throw error;
    }
    return true;
  };
}

async function refuse(exchange: Exchange, refusal: HubRefusal, inText: boolean): Promise<void> {
  const ascii = refusal.message
    .replace(/[“”]/g, '"')
    .replace(/’/g, "'")
    .replace(/[^\x20-\x7e]/g, '?');
  const headers = {
    'x-error-message': ascii,
    ...(refusal.code && { 'x-error-code': refusal.code }),
    ...refusal.headers,
  };
  if (inText) {
    const type = { 'content-type': 'text/plain; charset=utf-8' };
    await exchange.answer(refusal.status, { ...type, ...headers }, refusal.message);
  } else await exchange.answerJson(refusal.status, { error: refusal.message }, headers);
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

function matching(method: string, segments: readonly string[]) {
  const wanted = method === 'HEAD' ? 'GET' : method;
  for (const route of routes) {
    const params = route.method === wanted ? matched(route.path.split('/'), segments) : undefined;
    if (params) return { route, params };
  }
  return undefined;
}

function matched(
  pattern: readonly string[],
  segments: readonly string[],
): Record<string, string> | undefined {
  const open = pattern.at(-1) === '*';
  if (open ? segments.length < pattern.length : segments.length !== pattern.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index]!;
    const parameter = /^:([a-z]+)(.*)$/.exec(part);
    if (part === '*') params.path = segments.slice(index).join('/');
    else if (!parameter) {
      if (part !== segment) return undefined;
    } else {
      const [, name, suffix] = parameter;
      if (!segment.endsWith(suffix!) || segment.length === suffix!.length) return undefined;
      params[name!] = segment.slice(0, segment.length - suffix!.length);
    }
  }
  return params;
}
