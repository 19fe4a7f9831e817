/**
 * The path segments of a remote's URL without `.git`, such as `['acme', 'bert']`. Knows URLs, `user@host:path`, and paths of both
 * kinds of slash (https://git-scm.com/docs/git-clone#_git_urls). Host, user, password and query are left out: they name no model,
 * and may be secret.
 */
export function remoteSegments(url: string): string[] {
  const segments = remotePath(url.trim())
    .split(/[/\\]+/)
    .filter((segment) => segment !== '' && segment !== '.' && segment !== '..')
    // Azure DevOps puts it between project and repository.
    .filter((segment) => segment !== '_git');
  // A password that holds an unescaped slash ends in one of the segments.
  const path = segments.slice(segments.findLastIndex((segment) => segment.includes('@')) + 1);
  return path
    .map((segment, index) => (index === path.length - 1 ? segment.replace(/\.git$/i, '') : segment))
    .filter((segment) => segment !== '');
}

function remotePath(url: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) {
    // Not the URL class: it refuses hosts and ports that Git takes.
    const [path = ''] = url.replace(/^[^:]+:\/\/[^/\\]*/, '').split(/[?#]/);
    return decoded(path);
  }
  if (/^[A-Za-z]:[/\\]/.test(url)) {
    return url.slice(2);
  }
  // A colon before the first slash makes it `host:path`.
  return /^(?:[^/\\@]*@)?(?:\[[^\]]*\]|[^/\\:]+):(.*)$/s.exec(url)?.[1] ?? url;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
