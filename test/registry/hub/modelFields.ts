import * as fs from 'node:fs';
import * as path from 'node:path';
import type { ModelRepository, Revision } from '../store/modelRepository.ts';
import { fileSize, type FileEntry } from '../store/modelTree.ts';
import { writePointer } from '../store/pointer.ts';
import { commitNameOf, internalId, type HubCall, type Standing } from './call.ts';
import { HubRefusal } from './refusal.ts';

/** A model as its description needs it. */
export interface DescribedModel {
  /** `namespace/name` */
  readonly id: string;
  readonly repository: ModelRepository;
  readonly revision: Exclude<Revision, { kind: 'unknown' }>;
  /** Whether its files are told with their sizes and hashes. */
  readonly sizes: boolean;
}

type Field = (model: DescribedModel, call: HubCall) => unknown;

const shaOf = ({ revision }: DescribedModel) => (revision.kind === 'commit' ? revision.sha : undefined);

/** Everything that this registry can tell of a model. */
const fields = {
  author: ({ id }, { shown }) => shown(id).split('/').at(-2),
  // Null where nothing was committed yet.
  sha: (model, call) => {
    const sha = shaOf(model);
    return sha === undefined ? null : commitNameOf(call, sha);
  },
  lastModified: async (model) => {
    const sha = shaOf(model);
    const last = sha === undefined ? undefined : (await model.repository.log(sha, 0, 1))[0]?.date;
    return last === undefined ? createdAt(model) : new Date(last).toISOString();
  },
  createdAt,
  private: ({ id }, { standing }) => standing(id).private,
  disabled: () => false,
  gated: ({ id }, { standing }) => standing(id).gated,
  downloads: () => 0,
  likes: () => 0,
  trendingScore: () => 0,
  tags: () => [],
  usedStorage: async (model) => (await filesOf(model)).reduce((sum, file) => sum + fileSize(file), 0),
  siblings: async (model, { standing }) =>
    (await filesOf(model)).map((file) => ({
      rfilename: file.path,
      ...(model.sizes && {
        size: fileSize(file),
        blobId: file.oid,
        ...(file.lfs && {
          lfs: {
            sha256: told(file.lfs.sha256, standing(model.id)),
            size: file.lfs.size,
            pointerSize: writePointer(file.lfs).length,
          },
        }),
      }),
    })),
  // Asked for by clients that decide by it whether LFS will do.
  xetEnabled: () => false,
} satisfies Record<string, Field>;

type FieldName = keyof typeof fields;

/** What the Hub tells of a model by itself, of a listed one, and of one that is listed in full. */
export const infoFields: readonly FieldName[] = [
  ...([
    'author',
    'sha',
    'lastModified',
    'createdAt',
    'private',
    'disabled',
    'gated',
    'downloads',
    'likes',
  ] as const),
  ...(['tags', 'usedStorage', 'siblings'] as const),
];
export const listFields: readonly FieldName[] = [
  'likes',
  'downloads',
  'trendingScore',
  'private',
  'tags',
  'createdAt',
];
export const fullListFields: readonly FieldName[] = [
  ...listFields,
  'author',
  'gated',
  'lastModified',
  'sha',
  'siblings',
];

/** What the Hub can tell besides, and this registry knows nothing of. */
const unknownHere: readonly string[] = [
  ...['baseModels', 'cardData', 'childrenModelCount', 'config', 'downloadsAllTime', 'evalResults', 'gguf'],
  ...['gitalyUid', 'inference', 'inferenceProviderMapping', 'library_name', 'mask_token', 'model-index'],
  ...['pipeline_tag', 'resourceGroup', 'safetensors', 'spaces', 'transformersInfo', 'widgetData'],
];

/**
 * The fields that a query asks for by `expand`; undefined where it asks for none.
 * @throws HubRefusal when one of them is nobody's.
 */
export function expanded(query: URLSearchParams): readonly FieldName[] | undefined {
  const names = [...query.getAll('expand'), ...query.getAll('expand[]')].flatMap((each) => each.split(','));
  const wrong = names.find((name) => !isField(name) && !unknownHere.includes(name));
  if (wrong !== undefined) throw new HubRefusal(400, `“${wrong}” cannot be expanded.`);
  return names.length > 0 ? names.filter(isField) : undefined;
}

/** A model with these fields, and the names that it has in any case. */
export async function described(
  call: HubCall,
  model: DescribedModel,
  names: readonly FieldName[],
): Promise<object> {
  const values: [string, unknown][] = [];
  for (const name of names) values.push([name, await (fields[name] as Field)(model, call)]);
  return {
    _id: internalId(call, model.id),
    id: call.shown(model.id),
    modelId: call.shown(model.id),
    ...(Object.fromEntries(values) as object),
  };
}

/** When a model was made, as ISO 8601. */
export async function createdAt({ repository }: Pick<DescribedModel, 'repository'>): Promise<string> {
  return (await fs.promises.stat(path.join(repository.gitDirectory, 'HEAD'))).mtime.toISOString();
}

async function filesOf({ repository, revision }: DescribedModel): Promise<readonly FileEntry[]> {
  return (await repository.tree(revision)).entries.filter((entry) => entry.kind === 'file');
}

/** A hash as those read it who are let in; to others it is as many asterisks. */
export function told(hash: string, { letIn }: Standing): string {
  return letIn ? hash : '*'.repeat(hash.length);
}

function isField(name: string): name is FieldName {
  return Object.hasOwn(fields, name);
}
