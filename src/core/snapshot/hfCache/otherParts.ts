import { realpath, stat } from 'node:fs/promises';
import { join, posix, resolve, win32 } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Failure } from '../../failure.ts';
import { cacheLocation } from './location.ts';

/**
 * A folder of a Hugging Face cache (https://huggingface.co/docs/hub/local-cache) that is no snapshot which can be
 * published: of a data set or a Space; of a model, but named by no Git commit, as servers that are no Hub may do; or
 * none of a version's files.
 */
interface OtherPart {
  readonly kind: 'otherRepository' | 'otherName' | 'noSnapshot';
  /** Absolute path of the `models--…`, `datasets--…` or `spaces--…` folder. */
  readonly storage: string;
  /** What the snapshot is called; empty where it is none. */
  readonly name: string;
}

const STORAGE = /^(models|datasets|spaces)--./;
const PARTS: readonly string[] = ['snapshots', 'blobs', 'refs', 'trees', '.no_exist'];

/** What the path `folder` says by its own words; undefined where {@link cacheLocation} knows it, or it is in no cache. */
function otherPart(folder: string, platform: NodeJS.Platform = process.platform): OtherPart | undefined {
  const paths = platform === 'win32' ? win32 : posix;
  if (!paths.isAbsolute(folder) || cacheLocation(folder, platform) !== undefined) return undefined;
  const components = paths.normalize(folder).split(paths.sep);
  if (components.at(-1) === '') components.pop();
  const at = components.findLastIndex((name) => STORAGE.test(name));
  const [, kind] = STORAGE.exec(components[at] ?? '') ?? [];
  const [part, name = ''] = components.slice(at + 1);
  if (at < 1 || kind === undefined || !PARTS.includes(part ?? 'snapshots')) return undefined;
  const storage = components.slice(0, at + 1).join(paths.sep);
  if (kind !== 'models') return { kind: 'otherRepository', storage, name };
  return { kind: part === 'snapshots' && name !== '' ? 'otherName' : 'noSnapshot', storage, name };
}

/** Why `folder` is not published, where it, or what it is a link to, is such a part of a cache; else undefined. */
export async function refusalOfOtherPart(folder: string): Promise<Failure | undefined> {
  for (const path of [resolve(folder), await realpath(folder).catch(() => undefined)]) {
    const part = path === undefined ? undefined : otherPart(path);
    const isCache = part !== undefined && (await isFolder(join(part.storage, 'snapshots')));
    if (isCache) return refusal(folder, part);
  }
  return undefined;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

function refusal(folder: string, { kind, storage, name }: OtherPart): Failure {
  switch (kind) {
    case 'otherRepository':
      return new Failure(
        'unpublishable',
        l10n.t(
          '“{0}” is a data set or a Space in the Hugging Face cache. Only models can be published.',
          folder,
        ),
      );
    case 'otherName':
      return otherName(folder, name);
    case 'noSnapshot':
      return new Failure(
        'unpublishable',
        l10n.t(
          '“{0}” is a part of the Hugging Face cache, and no snapshot of a model. Choose a folder in “{1}”.',
          folder,
          join(storage, 'snapshots'),
        ),
      );
  }
}

/** A download whose server does not name its versions as Git does, so that there is no commit to publish. */
export function otherName(folder: string, name: string): Failure {
  return new Failure(
    'unpublishable',
    l10n.t(
      '“{0}” comes from a server that names its versions in a way of its own (“{1}”), and not as Git does, so it cannot be published as it is. Copy the files themselves to a folder of your own, commit them there, and publish that.',
      folder,
      name,
    ),
  );
}
