import { modelIdPart, parseModelId } from './modelId.ts';

/** What a model id can be guessed from. */
export interface ModelClues {
  readonly frontMatter: ReadonlyMap<string, unknown>;
  /** The remote's path segments, such as `['acme', 'bert']`; empty without a remote. */
  readonly remote: readonly string[];
  /** Names of the folders from the file system's root to the repository, the repository's own last. */
  readonly repository: readonly string[];
  /** Names of the folders from the repository to the published folder; empty for the whole repository. */
  readonly folder: readonly string[];
}

/**
 * Valid model ids, best first and none twice: from the model card, the remote, the folder names. `base_model` is no
 * clue: it names the model that this one was made from, and publishing over that would be the worst of guesses.
 */
export function proposeModels(clues: ModelClues): string[] {
  const owner = clues.remote.at(-2);
  const remoteName = clues.remote.at(-1);
  const ownFolder = clues.folder.at(-1);
  const enclosing = clues.folder.length > 0 ? clues.repository.at(-1) : clues.repository.at(-2);
  const namespaces = [owner, enclosing];

  const proposals: (string | undefined)[] = [];
  for (const name of cardNames(clues.frontMatter)) {
    const given = parseModelId(name);
    if (given.kind === 'modelId') {
      proposals.push(given.id);
    } else {
      const [namespace, ownName] = name.split('/').slice(-2);
      const pairs = ownName === undefined ? namespaces.map((owner) => [owner, name]) : [[namespace, ownName]];
      proposals.push(...pairs.map(([owner, name]) => modelId(owner, name)));
    }
  }
  if (ownFolder !== undefined) {
    proposals.push(modelId(owner, ownFolder));
  }
  proposals.push(modelId(owner, remoteName));
  const folderName = ownFolder ?? clues.repository.at(-1);
  proposals.push(...namespaces.map((namespace) => modelId(namespace, folderName)));
  return [...new Set(proposals.filter((proposal) => proposal !== undefined))];
}

function modelId(namespace: string | undefined, name: string | undefined): string | undefined {
  const owner = namespace === undefined ? undefined : modelIdPart(namespace);
  const own = name === undefined ? undefined : modelIdPart(name);
  return owner === undefined || own === undefined ? undefined : `${owner}/${own}`;
}

/** `model_name` and `name` as trainers write them, then the `model-index` entry that evaluation results hang on. */
function cardNames(frontMatter: ReadonlyMap<string, unknown>): string[] {
  const index = frontMatter.get('model-index');
  const first: unknown = Array.isArray(index) ? index[0] : undefined;
  const names: unknown[] = [
    frontMatter.get('model_name'),
    frontMatter.get('name'),
    first instanceof Map ? first.get('name') : undefined,
  ];
  return names.filter((name) => typeof name === 'string').filter((name) => name.trim() !== '');
}
