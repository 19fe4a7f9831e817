/**
 * Whether no model registry or client would take a file at `path` (relative, forward slashes): components that stand for nothing,
 * `.git` in every spelling that a file system may take for it (https://git-scm.com/docs/git-config, core.protectHFS and
 * core.protectNTFS), and `.cache`, which Hugging Face's clients refuse because they keep their own bookkeeping there
 * (huggingface_hub, `_validate_path_in_repo`). Names that only Windows cannot hold are fine.
 */
export function isRefusedPath(path: string): boolean {
  return SUSPECT.test(path) && hasRefusedComponent(path);
}

/** Every refused path matches; most others do not, and need no closer look. */
const SUSPECT = /(?:^|[/\\])(?:[./\\\u200C-\u200F\u202A-\u202E\u206A-\u206F\uFEFF]|git~1|$)/i;

function hasRefusedComponent(path: string): boolean {
  return path.split('/').some((component) => {
    if (component === '' || component === '.' || component === '..' || component === '.cache') {
      return true;
    }
    return component.split('\\').some(isDotGit);
  });
}

/** Code points that HFS+ leaves out of account when it compares names. */
const HFS_IGNORED = /[\u200C-\u200F\u202A-\u202E\u206A-\u206F\uFEFF]/g;

function isDotGit(name: string): boolean {
  const [withoutStream = ''] = name.replace(HFS_IGNORED, '').toLowerCase().split(':');
  const bare = withoutStream.replace(/[. ]+$/, '');
  return bare === '.git' || bare === 'git~1';
}
