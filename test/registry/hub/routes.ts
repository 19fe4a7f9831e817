import type { LackedCall } from '../registry.ts';
import { authCheck, whoAmI } from './accessRoutes.ts';
import type { HubCall } from './call.ts';
import { commit } from './commitRoute.ts';
import { raw, resolve } from './contentRoutes.ts';
import { lfsBatch, lfsVerify } from './lfsRoutes.ts';
import { listModels } from './listModels.ts';
import { createRepository, preupload, validateYaml } from './publishRoutes.ts';
import { listCommits, listTree, modelInfo, pathsInfo } from './readRoutes.ts';
import { createBranch, createTag, deleteBranch, deleteTag, listRefs } from './refRoutes.ts';

export interface Route {
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
  /** Whether it is refused to those whom the owners of a gated model did not let in. */
  readonly gated?: boolean;
  /** A call that some self-hosted servers lack. */
  readonly call?: LackedCall;
  /** Whether a refusal is told as text, as where the Hub hands out files, and not as JSON. */
  readonly refusesInText?: boolean;
  readonly run: (call: HubCall) => Promise<void>;
}

const api = 'api/models/:namespace/:model';
const model = ':namespace/:model';

/** Every call of the protocol that this registry answers. */
export const routes: readonly Route[] = [
  { method: 'POST', path: 'api/repos/create', access: 'write', run: createRepository },
  { method: 'GET', path: 'api/whoami-v2', access: 'token', call: 'whoami', run: whoAmI },
  // ModelCard.push_to_hub and metadata_update of huggingface_hub ask without a token.
  { method: 'POST', path: 'api/validate-yaml', access: 'none', run: validateYaml },
  { method: 'GET', path: 'api/models', access: 'read', call: 'list', run: listModels },
  { method: 'GET', path: api, access: 'read', run: modelInfo },
  { method: 'GET', path: `${api}/revision/:revision`, access: 'read', run: modelInfo },
  { method: 'GET', path: `${api}/auth-check`, access: 'read', gated: true, run: authCheck },
  { method: 'GET', path: `${api}/auth-check/write`, access: 'write', run: authCheck },
  { method: 'GET', path: `${api}/refs`, access: 'read', call: 'refs', run: listRefs },
  {
    method: 'GET',
    path: `${api}/commits/:revision`,
    access: 'read',
    call: 'commits',
    gated: true,
    run: listCommits,
  },
  { method: 'GET', path: `${api}/tree/:revision`, access: 'read', call: 'tree', run: listTree },
  { method: 'GET', path: `${api}/tree/:revision/*`, access: 'read', call: 'tree', run: listTree },
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
  {
    method: 'GET',
    path: `${model}/resolve/:revision/*`,
    access: 'read',
    refusesInText: true,
    gated: true,
    run: resolve,
  },
  {
    method: 'GET',
    path: `${model}/raw/:revision/*`,
    access: 'read',
    refusesInText: true,
    gated: true,
    run: raw,
  },
];

/** The route of a request, and what its path holds. */
export function matching(table: readonly Route[], method: string, segments: readonly string[]) {
  const wanted = method === 'HEAD' ? 'GET' : method;
  for (const route of table) {
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
