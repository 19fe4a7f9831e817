import type { ModelRepository } from '../store/modelRepository.ts';
import type { HubCall } from './call.ts';
import { described, expanded, fullListFields, listFields, type DescribedModel } from './modelFields.ts';
import { isTrue, nextLink, positive } from './query.ts';
import { HubRefusal } from './refusal.ts';

/** Models of a page; a longer one is cut to it. */
const pageSize = 1000;

/** What only models with tags, a task or a size have; none here has any. */
const narrowing = ['filter', 'pipeline_tag', 'apps', 'inference', 'inference_provider', 'num_parameters'];

/** The models of a registry, filtered, sorted and in pages. */
export async function listModels(call: HubCall): Promise<void> {
  const { exchange } = call;
  const query = exchange.url.searchParams;
  const names = expanded(query) ?? (isTrue(query.get('full')) ? fullListFields : listFields);
  const ids = await inOrder(call, (await call.models.names(call.registry.id)).filter(isWanted(call, query)));
  const start = startOf(ids, query.get('cursor'));
  const limit = Math.min(Math.max(positive(query.get('limit'), pageSize), 1), pageSize);
  const page = ids.slice(start, start + limit);
  const last = page.at(-1);
  const models: object[] = [];
  // One by one: each may start processes.
  for (const id of page) models.push(await described(call, await listed(id, repositoryOf(call, id)), names));
  await exchange.answerJson(
    200,
    models,
    last !== undefined && start + limit < ids.length
      ? { link: nextLink(exchange.url, { cursor: Buffer.from(last).toString('base64url') }) }
      : {},
  );
}

function isWanted(call: HubCall, query: URLSearchParams): (id: string) => boolean {
  const words = (query.get('search') ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const author = query.get('author')?.toLowerCase();
  const isNarrow = narrowing.some((name) => query.has(name));
  const gated = query.get('gated');
  return (id) => {
    const standing = call.standing(id);
    if (standing.private && !standing.letIn) return false;
    if (gated !== null && isTrue(gated) !== (standing.gated !== false)) return false;
    const lower = call.shown(id).toLowerCase();
    const isOfAuthor = author === undefined || lower.startsWith(`${author}/`);
    return !isNarrow && isOfAuthor && words.every((word) => lower.includes(word));
  };
}

/** By date where it is asked for, the newest first; by name otherwise, since downloads, likes and trends are all nought. */
async function inOrder(call: HubCall, ids: readonly string[]): Promise<readonly string[]> {
  const sort = call.exchange.url.searchParams.get('sort');
  const names = [...ids].sort();
  if (sort !== 'lastModified' && sort !== 'createdAt') return names;
  const dated: { readonly id: string; readonly date: string }[] = [];
  for (const id of names) {
    const model = await listed(id, repositoryOf(call, id));
    const { [sort]: date } = (await described(call, model, [sort])) as Record<typeof sort, string>;
    dated.push({ id, date });
  }
  return dated.sort((one, other) => other.date.localeCompare(one.date)).map(({ id }) => id);
}

async function listed(id: string, repository: ModelRepository): Promise<DescribedModel> {
  const main = await repository.revision('main');
  return { id, repository, revision: main.kind === 'commit' ? main : { kind: 'unborn' }, sizes: false };
}

function repositoryOf({ models, registry }: HubCall, id: string): ModelRepository {
  return models.model(registry.id, id);
}

/** Where a page begins: after the model that its cursor names. */
function startOf(ids: readonly string[], cursor: string | null): number {
  if (cursor === null) return 0;
  const at = ids.indexOf(Buffer.from(cursor, 'base64url').toString());
  if (at < 0) throw new HubRefusal(400, 'The cursor is not one of ours.');
  return at + 1;
}
