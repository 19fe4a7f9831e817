import { asGitObjectId, type GitObjectId } from '../../objectIds.ts';

const COMMIT = /(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])/gi;
const SEPARATORS = /^[-_./:@#\s]+|[-_./:@#\s]+$/g;

interface ParsedModelVersion {
  /** `namespace/name` where the package tells it so. */
  readonly model: string;
  readonly commit: GitObjectId | undefined;
}

/**
 * The model and the commit that a package of a Hugging Face registry stands for. Buildkite documents that a commit is one package
 * whose name is made of namespace, model and SHA (https://buildkite.com/docs/package-registries/ecosystems/hugging-face), not
 * which field holds which: the SHA is looked for in `version` and then in `name`, and taken out of the name.
 */
export function parseModelVersion(item: {
  readonly name: string;
  readonly version?: string | undefined;
}): ParsedModelVersion {
  const inVersion = item.version?.match(COMMIT)?.at(-1);
  const inName = [...item.name.matchAll(COMMIT)].filter(
    ([found]) => inVersion === undefined || found.toLowerCase() === inVersion.toLowerCase(),
  );
  const last = inName.at(-1);
  const commit = asGitObjectId(inVersion ?? last?.[0] ?? '');
  if (!last) return { model: item.name, commit };
  const around = [item.name.slice(0, last.index), item.name.slice(last.index + last[0].length)];
  const model = around
    .map((part) => part.replace(SEPARATORS, ''))
    .filter(Boolean)
    .join('/');
  return { model: model || item.name, commit };
}

/** Whether a package's model is the one asked for. A name without a slash may have lost it to another separator. */
export function isSameModel(found: string, asked: string): boolean {
  return found === asked || (!found.includes('/') && found === asked.replaceAll('/', '-'));
}
