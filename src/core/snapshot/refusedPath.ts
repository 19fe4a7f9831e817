import { foldedName } from './foldedName.ts';

/**
 * Whether no model registry or client would take a file at `path` (relative, forward slashes): components that stand
 * for nothing, and in every spelling that a file system may take for it (https://git-scm.com/docs/git-config,
 * core.protectHFS and core.protectNTFS) `.git` and `.cache`, where Hugging Face's clients keep notes that they obey
 * (huggingface_hub, `_validate_path_in_repo`). Names that only Windows cannot hold are fine.
 */
export function isRefusedPath(path: string): boolean {
  return SUSPECT.test(path) && hasRefusedComponent(path);
}

/** Every refused path matches; most others do not, and need no closer look. */
const SUSPECT = /(?:^|[/\\])(?:[./\\\p{Default_Ignorable_Code_Point}\u206A-\u206F]|$)|~/u;

function hasRefusedComponent(path: string): boolean {
  return path.split('/').some((component) => {
    if (component === '' || component === '.' || component === '..') return true;
    return component.split('\\').some(isKeptByOthers);
  });
}

/** `.git` and `.cache`, and what Windows calls them in short: first letters, or digits of a checksum. */
const KEPT_BY_OTHERS = /^(?:\.git|\.cache|(?:git|cache|(?:gi|ca)[0-9a-f]{4})~[0-9]+)$/;

function isKeptByOthers(name: string): boolean {
  // NTFS takes what follows a colon for the name of a stream, and leaves out dots and spaces at the end.
  const [withoutStream = ''] = foldedName(name).split(':');
  return KEPT_BY_OTHERS.test(withoutStream.replace(/[. ]+$/, ''));
}
