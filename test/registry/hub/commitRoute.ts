import type { Readable } from 'node:stream';
import { z } from 'zod';
import { CommitDraft } from '../store/commitDraft.ts';
import { pathProblem } from '../store/paths.ts';
import { publishCommit } from '../store/publishing.ts';
import { commitNameOf, modelName, repositoryOf, type HubCall } from './call.ts';
import { HubRefusal, checked } from './refusal.ts';

/** Bytes of one line: a regular file of 24 MiB in base64. Larger files belong to LFS. */
const lineLimit = 32 * 1024 * 1024;

const headerLine = z.object({
  key: z.literal('header'),
  value: z.object({
    summary: z.string().trim().min(1),
    description: z.string().nullish(),
    parentCommit: z
      .string()
      .regex(/^[A-Fa-f0-9]{5,40}$/, 'must be 5 to 40 hex digits')
      .nullish(),
  }),
});

const path = z.string().superRefine((value, context) => {
  const problem = pathProblem(value);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

const operationLine = z.discriminatedUnion('key', [
  z.object({
    key: z.literal('file'),
    value: z.object({ path, content: z.string(), encoding: z.enum(['base64', 'utf-8']).default('utf-8') }),
  }),
  z.object({
    key: z.literal('lfsFile'),
    value: z.object({
      path,
      algo: z.literal('sha256').optional(),
      oid: z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex'),
      // Copies of LFS files come without it.
      size: z.number().int().nonnegative().nullish(),
    }),
  }),
  z.object({ key: z.literal('deletedFile'), value: z.object({ path }) }),
  z.object({
    key: z.literal('deletedFolder'),
    value: z.object({
      path: z
        .string()
        .transform((value) => value.replace(/\/$/, ''))
        .pipe(path),
    }),
  }),
]);

/** One NDJSON commit: a header line, then a line for each operation. Read as it arrives. */
export async function commit(call: HubCall): Promise<void> {
  const { exchange, caller, registry, behaviour } = call;
  if (caller.kind !== 'user') throw new HubRefusal(401, 'Commits need an access token.');
  if (/^(?:1|true)$/i.test(exchange.url.searchParams.get('create_pr') ?? '')) {
    throw new HubRefusal(400, 'This registry has no pull requests; commit to a branch.');
  }
  const model = modelName(call);
  const repository = repositoryOf(call);
  const branch = (call.params.revision ?? '').replace(/^refs\/heads\//, '');
  const draft = await CommitDraft.open(repository.objects);
  try {
    let header: z.output<typeof headerLine>['value'] | undefined;
    for await (const line of lines(exchange.body)) {
      const value = parsed(line);
      if (header === undefined) header = checked(headerLine, value).value;
      else await addOperation(call, draft, checked(operationLine, value));
    }
    if (header === undefined) throw new HubRefusal(400, 'The commit has no header line.');
    const description = header.description?.trim() ?? '';
    const outcome = await publishCommit(exchange.state, registry, model, repository, draft, {
      branch,
      makesBranch: behaviour.revisions === 'release',
      parent: header.parentCommit ?? undefined,
      message: `${header.summary}\n${description === '' ? '' : `\n${description}\n`}`,
      author: caller.user,
    });
    switch (outcome.kind) {
      case 'unknownBranch':
        throw new HubRefusal(404, `${model} has no branch ${branch}.`, 'RevisionNotFound');
      case 'stale':
        throw new HubRefusal(412, 'A commit has happened since. Please refresh and try again.');
      case 'missingPath':
        throw new HubRefusal(
          404,
          `${outcome.path} cannot be deleted: it is not in ${model}.`,
          'EntryNotFound',
        );
      case 'clash':
        throw new HubRefusal(400, `${outcome.path} would be a file and a folder at once.`);
      case 'committed':
        await exchange.answerJson(200, {
          success: true,
          commitOid: commitNameOf(call, outcome.sha),
          commitUrl: commitUrl(call.endpoint, call.shown(model), outcome.sha, behaviour.commitUrl),
          hookOutput: '',
        });
    }
  } finally {
    await draft.close();
  }
}

async function addOperation(
  { models, registry }: HubCall,
  draft: CommitDraft,
  { key, value }: z.output<typeof operationLine>,
): Promise<void> {
  switch (key) {
    case 'file': {
      const content = Buffer.from(value.content, value.encoding);
      if (value.encoding === 'base64' && content.toString('base64').length !== value.content.length) {
        throw new HubRefusal(400, `The content of ${value.path} is not base64.`);
      }
      await draft.addFile(value.path, content);
      return;
    }
    case 'lfsFile': {
      const stored = await models.objects(registry.id).sizeOf(value.oid);
      if (stored === undefined) {
        throw new HubRefusal(
          400,
          `${value.path} refers to the LFS object ${value.oid}, which was never uploaded.`,
        );
      }
      if (typeof value.size === 'number' && value.size !== stored) {
        throw new HubRefusal(
          400,
          `${value.path} refers to the LFS object ${value.oid} with ${String(value.size)} bytes; it has ${String(stored)}.`,
        );
      }
      await draft.addLfsFile(value.path, { sha256: value.oid, size: stored });
      return;
    }
    case 'deletedFile':
      draft.deleteFile(value.path);
      return;
    case 'deletedFolder':
      draft.deleteFolder(value.path);
  }
}

function parsed(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString('utf8')) as unknown;
  } catch {
    throw new HubRefusal(400, `A line of the commit is not JSON: ${line.toString('utf8', 0, 80)}`);
  }
}

async function* lines(body: Readable): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    let rest = chunk as Buffer;
    for (;;) {
      const end = rest.indexOf(0x0a);
      const piece = end < 0 ? rest : rest.subarray(0, end);
      bytes += piece.length;
      if (bytes > lineLimit) {
        throw new HubRefusal(413, 'A regular file of the commit is too large; upload it through LFS.');
      }
      if (piece.length > 0) pieces.push(piece);
      if (end < 0) break;
      if (bytes > 0) yield Buffer.concat(pieces);
      pieces = [];
      bytes = 0;
      rest = rest.subarray(end + 1);
    }
  }
  if (bytes > 0) yield Buffer.concat(pieces);
}

/** Legal answers that clients have had to cope with. */
function commitUrl(
  endpoint: string,
  model: string,
  sha: string,
  style: 'absolute' | 'relative' | 'placeholder' | 'empty',
): string {
  switch (style) {
    case 'absolute':
      return `${endpoint}/models/${model}/commit/${sha}`;
    case 'relative':
      return `${model}/commit/${sha}`;
    case 'placeholder':
      return 'not_supported';
    case 'empty':
      return '';
  }
}
