import { posix, win32 } from 'node:path';
import { asGitObjectId, type GitObjectId } from '../../objectIds.ts';

/**
 * A place in a Hugging Face cache
 * (https://huggingface.co/docs/hub/local-cache): `<cache>/models--namespace--name/snapshots/<commit>/…`.
 */
export interface CacheLocation {
  /** Absolute path of the folder that holds the `models--…` folders. */
  readonly cache: string;
  /** Absolute path of the `models--…` folder. */
  readonly storage: string;
  /** `namespace/name`, or `name` for the few models of old that have no namespace. */
  readonly model: string;
  /** Undefined where the path ends above the snapshots. */
  readonly commit: GitObjectId | undefined;
  /** The rest of the path below the snapshot's folder, forward slashes; empty for the snapshot itself. */
  readonly inside: string;
}

/** Names have no `--` in them, by `huggingface_hub.utils.validate_repo_id`. */
const STORAGE = /^models--((?:(?!--)[\w.-])+)(?:--((?:(?!--)[\w.-])+))?$/;

/** What the path `folder` says by its own words; undefined where it is in no cache, or in a part without models. */
export function cacheLocation(
  folder: string,
  platform: NodeJS.Platform = process.platform,
): CacheLocation | undefined {
  const paths = platform === 'win32' ? win32 : posix;
  if (!paths.isAbsolute(folder)) return undefined;
  const components = paths.normalize(folder).split(paths.sep);
  if (components.at(-1) === '') components.pop();
  // The innermost: a cache may lie inside a folder that is named like a model's.
  const at = components.findLastIndex((name) => STORAGE.test(name));
  const [, first, second] = STORAGE.exec(components[at] ?? '') ?? [];
  const [snapshots, sha, ...inside] = components.slice(at + 1);
  if (at < 1 || first === undefined || (snapshots ?? 'snapshots') !== 'snapshots') return undefined;
  const commit = sha === undefined ? undefined : asGitObjectId(sha);
  if (sha !== undefined && commit !== sha) return undefined;
  const storage = components.slice(0, at + 1).join(paths.sep);
  return {
    cache: paths.dirname(storage),
    storage,
    model: second === undefined ? first : `${first}/${second}`,
    commit,
    inside: inside.join('/'),
  };
}
