import { z } from 'zod';
import type { Revision } from '../store/modelRepository.ts';
import { fileSize, type Entry, type FileEntry } from '../store/modelTree.ts';
import { missingEntry, modelName, repositoryOf, revisionOf, type HubCall, type Standing } from './call.ts';
import { described, expanded, infoFields, told } from './modelFields.ts';
import { isTrue, nextLink, positive } from './query.ts';
import { HubRefusal, checked } from './refusal.ts';

/** Entries of a tree page with `expand`, which costs a walk through the history. */
const expandedPageSize = 50;

/** A model at a revision, `main` where the route has none. */
export async function modelInfo(call: HubCall): Promise<void> {
  const repository = repositoryOf(call);
  const atMain = { ...call, params: { ...call.params, revision: call.params.revision ?? 'main' } };
  const revision = await revisionOf(atMain, repository);
  const query = call.exchange.url.searchParams;
  const names = expanded(query) ?? infoFields;
  const model = { id: modelName(call), repository, revision, sizes: isTrue(query.get('blobs')) };
  await call.exchange.answerJson(200, await described(call, model, names));
}

export async function listCommits(call: HubCall): Promise<void> {
  const { exchange } = call;
  const repository = repositoryOf(call);
  const revision = await revisionOf(call, repository);
  const query = exchange.url.searchParams;
  const page = positive(query.get('p'), 0);
  const limit = Math.min(Math.max(positive(query.get('limit'), 50), 1), 1000);
  const total = revision.kind === 'commit' ? await repository.countCommits(revision.sha) : 0;
  const commits = revision.kind === 'commit' ? await repository.log(revision.sha, page * limit, limit) : [];
  await exchange.answerJson(
    200,
    commits.map(({ sha, date, author, title, body }) => ({
      id: sha,
      title,
      message: body,
      authors: [{ user: author, avatar: '' }],
      date: new Date(date).toISOString(),
    })),
    {
      'x-total-count': total,
      ...((page + 1) * limit < total && { link: nextLink(exchange.url, { p: String(page + 1) }) }),
    },
  );
}

export async function listTree(call: HubCall): Promise<void> {
  const { exchange, behaviour } = call;
  const repository = repositoryOf(call);
  const query = exchange.url.searchParams;
  const folder = (call.params.path ?? '').replace(/\/$/, '');
  const expand = isTrue(query.get('expand'));

  // The cursor holds the listing to the commit it began with.
  const cursor = /^([0-9a-f]{40}):(\d+)$/.exec(
    Buffer.from(query.get('cursor') ?? '', 'base64url').toString('latin1'),
  );
  if (query.has('cursor') && !cursor) throw new HubRefusal(400, 'The cursor is not one of ours.');
  const revision: Revision = cursor
    ? { kind: 'commit', sha: cursor[1]! }
    : await revisionOf(call, repository);
  const start = Number(cursor?.[2] ?? 0);

  const tree = await repository.tree(revision);
  if (folder !== '' && tree.byPath.get(folder)?.kind !== 'directory')
    throw missingEntry(call, folder, revision);
  const prefix = folder === '' ? '' : `${folder}/`;
  const below = tree.entries.filter(
    (entry) =>
      entry.path.startsWith(prefix) &&
      (isTrue(query.get('recursive')) || !entry.path.includes('/', prefix.length)),
  );
  const most = expand ? Math.min(expandedPageSize, behaviour.treePageSize) : behaviour.treePageSize;
  const limit = Math.max(1, Math.min(positive(query.get('limit'), most), most));
  const page = below.slice(start, start + limit);
  const end = start + page.length;
  const next =
    end < below.length && revision.kind === 'commit'
      ? Buffer.from(`${revision.sha}:${String(end)}`).toString('base64url')
      : undefined;
  await exchange.answerJson(
    200,
    await describedEntries(call, revision, page, expand),
    next === undefined ? {} : { link: nextLink(exchange.url, { cursor: next }) },
  );
}

const pathsBody = z.object({
  paths: z.union([z.string().transform((path) => [path]), z.array(z.string())]),
  expand: z.union([z.boolean(), z.string()]).optional(),
});

/** Takes a form, as Python sends it, or JSON, as JavaScript does. Paths that are not there are left out. */
export async function pathsInfo(call: HubCall): Promise<void> {
  const { exchange } = call;
  const repository = repositoryOf(call);
  const isForm = exchange.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
  let body: unknown;
  if (isForm) {
    const form = await exchange.form();
    body = { paths: form.getAll('paths'), expand: form.get('expand') ?? undefined };
  } else body = await exchange.json();
  const { paths, expand } = checked(pathsBody, body);
  const revision = await revisionOf(call, repository);
  const tree = await repository.tree(revision);
  const found = paths
    .map((each) => tree.byPath.get(each.replace(/\/$/, '')))
    .filter((entry) => entry !== undefined);
  await exchange.answerJson(200, await describedEntries(call, revision, found, isTrue(String(expand))));
}

async function describedEntries(
  call: HubCall,
  revision: Revision,
  entries: readonly Entry[],
  expand: boolean,
): Promise<unknown[]> {
  const standing = call.standing(modelName(call));
  const last =
    expand && revision.kind === 'commit'
      ? await repositoryOf(call).lastCommits(
          revision.sha,
          entries.map((entry) => entry.path),
        )
      : undefined;
  return entries.map((entry) => {
    const commit = last?.get(entry.path);
    return {
      ...(entry.kind === 'directory'
        ? { type: 'directory', oid: entry.oid, size: 0, path: entry.path }
        : describedFile(entry, standing)),
      ...(commit && {
        lastCommit: { id: commit.sha, title: commit.title, date: new Date(commit.date).toISOString() },
      }),
    };
  });
}

function describedFile(file: FileEntry, standing: Standing): object {
  return {
    type: 'file',
    oid: file.oid,
    size: fileSize(file),
    path: file.path,
    ...(file.lfs && {
      lfs: { oid: told(file.lfs.sha256, standing), size: file.lfs.size, pointerSize: file.blobSize },
    }),
  };
}
