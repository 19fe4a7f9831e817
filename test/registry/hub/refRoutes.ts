import { z } from 'zod';
import type { ModelRepository } from '../store/modelRepository.ts';
import { canBeReference } from '../store/paths.ts';
import { modelName, repositoryOf, type HubCall } from './call.ts';
import { HubRefusal, checked } from './refusal.ts';

export async function listRefs(call: HubCall): Promise<void> {
  const refs = await repositoryOf(call).refs();
  const below = (prefix: string) =>
    refs
      .filter(({ ref }) => ref.startsWith(prefix))
      .map(({ ref, sha }) => ({ name: ref.slice(prefix.length), ref, targetCommit: sha }));
  await call.exchange.answerJson(200, {
    branches: below('refs/heads/'),
    converts: [],
    tags: below('refs/tags/'),
    // There are none, but who asks for them reads the list.
    ...(call.exchange.url.searchParams.has('include_prs') && { pullRequests: [] }),
  });
}

const branchBody = z.object({ startingPoint: z.string().optional() }).optional();

export async function createBranch(call: HubCall): Promise<void> {
  const repository = repositoryOf(call);
  const branch = call.params.revision ?? '';
  const { startingPoint = 'main' } = checked(branchBody, await call.exchange.json()) ?? {};
  if (!canBeReference(branch) || branch.startsWith('refs/')) {
    throw new HubRefusal(400, `Invalid reference for a branch: ${branch}`);
  }
  const start = await startOf(call, repository, startingPoint);
  if (!(await repository.createBranch(branch, start))) throw exists(`refs/heads/${branch}`);
  await call.exchange.answerJson(200, { success: true });
}

/** What was published from it stays in the registry. */
export async function deleteBranch(call: HubCall): Promise<void> {
  const repository = repositoryOf(call);
  const branch = call.params.revision ?? '';
  if (branch === 'main') throw new HubRefusal(403, 'Cannot delete refs/heads/main');
  if (!(await repository.deleteReference(`refs/heads/${branch}`))) throw unknown(branch);
  await call.exchange.answerJson(200, { success: true });
}

const tagBody = z.object({ tag: z.string(), message: z.string().nullish() });

/** The route's revision is what the tag points at; the tag's name is in the body. */
export async function createTag(call: HubCall): Promise<void> {
  const { exchange, caller } = call;
  if (caller.kind !== 'user') throw new HubRefusal(401, 'Tags need an access token.');
  const repository = repositoryOf(call);
  const { tag, message } = checked(tagBody, await exchange.json());
  const target = await startOf(call, repository, call.params.revision ?? '');
  if (!canBeReference(tag) || tag.startsWith('refs/')) {
    throw new HubRefusal(400, `Invalid reference for a tag: ${tag}`);
  }
  const annotation = message ? { message, author: caller.user } : undefined;
  if (!(await repository.createTag(tag, target, annotation))) throw exists(`refs/tags/${tag}`);
  await exchange.answerJson(200, { success: true });
}

export async function deleteTag(call: HubCall): Promise<void> {
  const tag = call.params.revision ?? '';
  if (!(await repositoryOf(call).deleteReference(`refs/tags/${tag}`))) throw unknown(tag);
  await call.exchange.answerJson(200, { success: true });
}

/** The commit that a new reference points at. @throws HubRefusal when there is none. */
async function startOf(call: HubCall, repository: ModelRepository, revision: string): Promise<string> {
  const start = await repository.revision(revision);
  if (start.kind === 'commit') return start.sha;
  throw new HubRefusal(404, `${modelName(call)} has no commit at ${revision}.`, 'RevisionNotFound');
}

function exists(ref: string): HubRefusal {
  return new HubRefusal(409, `Reference ${ref} already exists`);
}

function unknown(name: string): HubRefusal {
  return new HubRefusal(404, `Invalid rev id: ${name}`, 'RevisionNotFound');
}
