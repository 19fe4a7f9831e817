/**
 * The path segments of a remote's URL without `.git`, such as `['acme', 'bert']`. Knows URLs, `user@host:path`, and
 * paths of both kinds of slash (https://git-scm.com/docs/git-clone#_git_urls). Host, user, password and query are left
 * out: they name no model, and may be secret.
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

/**
 * Whether two URLs lead to the same repository, however they are spelled: `git@github.com:acme/bert.git` and
 * `https://github.com/Acme/bert`. A host without a dot may be an alias of a person's SSH configuration, and so any
 * host.
 */
export function isSameRepository(one: string, other: string): boolean {
  const path = (url: string) => remoteSegments(url).join('/').toLowerCase();
  if (path(one) === '' || path(one) !== path(other)) return false;
  const [host, otherHost] = [remoteHost(one), remoteHost(other)];
  if (host === otherHost) return true;
  if (host === undefined || otherHost === undefined) return false;
  return !host.includes('.') || !otherHost.includes('.');
}

/** In lower case, without user, password and port; undefined for a path on this machine. */
function remoteHost(url: string): string | undefined {
  const text = url.trim();
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/\\]*)/i.exec(text)?.[1];
  const found =
    authority ??
    (/^[A-Za-z]:[/\\]/.test(text) ? undefined : /^((?:[^/\\@]*@)?(?:\[[^\]]*\]|[^/\\:]+)):/.exec(text)?.[1]);
  const host = found
    ?.slice(found.lastIndexOf('@') + 1)
    .replace(/:\d*$/, '')
    // GitHub's and GitLab's hosts for SSH through the port of HTTPS.
    .replace(/^(?:ssh|altssh|www)\.(?=[^.]+\.)/i, '')
    .toLowerCase();
  return host === '' ? undefined : host;
}
