import { createHash } from 'node:crypto';
import type { Caller } from '../access.ts';
import type { HubBehaviour, RootHubOptions } from '../registry.ts';
import type { Exchange } from '../routing.ts';
import type { Registry } from '../state.ts';
import type { ModelRepository, Revision } from '../store/modelRepository.ts';
import type { ModelStore } from '../store/modelStore.ts';
import { modelNameProblem } from '../store/paths.ts';
import { HubRefusal } from './refusal.ts';
import type { SignedUrls } from './signedUrls.ts';

/** How a Hub answers, with all defaults. */
export type Behaviour = Required<
  HubBehaviour & Pick<RootHubOptions, 'revisions' | 'commitNames' | 'lateEtagMs'>
>;

export const defaultBehaviour: Behaviour = {
  lfsThresholdBytes: 10 * 1024 * 1024,
  multipartThresholdBytes: 64 * 1024 * 1024,
  partBytes: 16 * 1024 * 1024,
  uploadUrlLifetimeMs: 15 * 60 * 1000,
  uploadOrigin: 'same',
  commitUrl: 'absolute',
  preuploadOid: 'present',
  batchTransfer: 'stated',
  verifyAction: 'present',
  everythingIsLfs: false,
  madeBy: 'create',
  firstCommit: 'none',
  treePageSize: 1000,
  revisions: 'branch',
  commitNames: 'hash',
  lateEtagMs: 0,
};

/** A request to the Hub endpoint of a registry by someone who may send it. */
export interface HubCall {
  readonly exchange: Exchange;
  readonly caller: Exclude<Caller, { kind: 'rejected' }>;
  readonly registry: Registry;
  readonly models: ModelStore;
  readonly behaviour: Behaviour;
  readonly urls: SignedUrls;
  /** What `HF_ENDPOINT` is for the caller: `{packagesUrl}/{organization}/{registry}/huggingface`. */
  readonly endpoint: string;
  /** What the route's `:name` segments hold; `path` is what its `*` holds. */
  readonly params: Readonly<Record<string, string>>;
  /** Whether it changes the model. */
  readonly isWrite: boolean;
  /** How a model stands to the caller. */
  readonly standing: (model: string) => Standing;
  /** Refuses a caller who may not write to a model, where its route did not tell that it is written to. @throws HubRefusal */
  readonly needWrite?: (model: string) => void;
  /** Keeps a new model for its owners; absent where a registry has no private models. */
  readonly makePrivate?: (model: string) => void;
  /** A model's id as the caller knows it, which is a part of `namespace/name` where models have one name. */
  readonly shown: (model: string) => string;
  /** The `namespace/name` of an id as a caller writes it. */
  readonly named: (id: string) => string;
}

/** Who may read a model, and whether the caller is among them. */
export interface Standing {
  readonly private: boolean;
  /** Only those whom its owners let in: at once, or when they get to it. */
  readonly gated: false | 'auto' | 'manual';
  readonly letIn: boolean;
}

/** `namespace/name` of a call's route. @throws HubRefusal when that cannot name a model. */
export function modelName({ params }: HubCall): string {
  const name = `${params.namespace ?? ''}/${params.model ?? ''}`;
  const problem = modelNameProblem(name);
  if (problem !== undefined) throw new HubRefusal(400, problem);
  return name;
}

/** The Hub's own id of a model, which clients pass on and nobody reads: 24 hex digits. */
export function internalId({ registry }: HubCall, model: string): string {
  return createHash('sha1').update(`${registry.id}/${model}`).digest('hex').slice(0, 24);
}

/** The repository of a call's model. @throws HubRefusal when there is none. */
export function repositoryOf(call: HubCall): ModelRepository {
  const name = modelName(call);
  const repository = call.models.model(call.registry.id, name);
  if (!repository.exists) {
    throw new HubRefusal(404, `There is no model ${name} in registry ${call.registry.slug}.`, 'RepoNotFound');
  }
  return repository;
}

/** What the revision of a call's route names. @throws HubRefusal when that is nothing. */
export async function revisionOf(
  call: HubCall,
  repository: ModelRepository,
): Promise<Exclude<Revision, { kind: 'unknown' }>> {
  const name = call.params.revision ?? '';
  const revision = await repository.revision(name);
  if (revision.kind === 'unknown' && call.behaviour.revisions === 'release' && call.isWrite)
    return { kind: 'unborn' };
  if (revision.kind === 'unknown') {
    throw new HubRefusal(404, `There is no revision ${name} of ${modelName(call)}.`, 'RevisionNotFound');
  }
  return revision;
}

/** What a commit is called that a call's revision leads to. */
export function commitNameOf({ behaviour, params }: HubCall, sha: string): string {
  return behaviour.commitNames === 'revision' ? (params.revision ?? 'main') : sha;
}

/** The refusal of a path that is not in a model at the revision of a call's route. */
export function missingEntry(call: HubCall, path: string, revision: Revision): HubRefusal {
  return new HubRefusal(
    404,
    `There is no ${path} in ${modelName(call)} at ${call.params.revision ?? 'main'}.`,
    'EntryNotFound',
    revision.kind === 'commit' ? { 'x-repo-commit': revision.sha } : {},
  );
}
