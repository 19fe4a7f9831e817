import * as l10n from '@vscode/l10n';

/** A model of a hub, as a person names it. */
type ModelReference =
  | {
      readonly kind: 'model';
      /** As the hub lists it, be it against the rules for new ids. */
      readonly model: string;
      /** A branch, tag or commit; undefined where none was named. */
      readonly revision: string | undefined;
    }
  /** `problem` is a localised sentence that can stand under an input box. */
  | { readonly kind: 'invalid'; readonly problem: string };

/** What follows the id in an address and has a revision behind it. */
const REVISION_PAGES = new Set(['tree', 'blob', 'resolve', 'raw', 'commit', 'commits', 'edit', 'blame']);
/** What stands in an address in the place of a namespace, and is none. */
const NO_MODELS = new Set([
  'datasets',
  'spaces',
  'kernels',
  'buckets',
  'collections',
  'papers',
  'api',
  'docs',
]);
/** Other hosts of the Hugging Face Hub. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['hf.co', 'huggingface.co'],
  ['www.huggingface.co', 'huggingface.co'],
]);
const LONGEST = 2000;

/**
 * What a person pastes for a model of the hub at `endpoint`: `namespace/name` or `name`, each perhaps with `@revision`;
 * the address of its page, of a file or of a revision there; or `hf://namespace/name@revision`
 * (https://huggingface.co/docs/huggingface_hub/guides/hf_file_system).
 */
export function parseReference(text: string, endpoint: URL): ModelReference {
  const trimmed = text.trim();
  if (trimmed.length > LONGEST) return invalid(l10n.t('That is longer than any name or address of a model.'));
  if (/^https?:\/\//i.test(trimmed)) return parseAddress(trimmed, endpoint);
  const [, uri] = /^hf:\/\/(?:models\/)?(.*)$/i.exec(trimmed) ?? [];
  return parseName(uri ?? trimmed);
}

function parseName(text: string): ModelReference {
  const at = text.indexOf('@');
  const id = at < 0 ? text : text.slice(0, at);
  const revision = at < 0 ? undefined : text.slice(at + 1);
  const parts = id.split('/');
  if (parts.length > 1 && NO_MODELS.has(parts[0] ?? '')) return invalid(somethingElse());
  if (id === '' || parts.length > 2) return invalid(shape());
  return referenceOf(parts, revision);
}

function parseAddress(text: string, endpoint: URL): ModelReference {
  const url = URL.parse(text);
  if (url === null) return invalid(l10n.t('That is not a web address.'));
  if (url.username !== '' || url.password !== '') {
    return invalid(l10n.t('The address holds a user name or a password. Paste it without.'));
  }
  const prefix = endpoint.pathname.replace(/\/+$/, '');
  const host = ALIASES.get(url.host) ?? url.host;
  const isThere = host === endpoint.host && url.pathname.startsWith(`${prefix}/`);
  if (!isThere) {
    return invalid(
      l10n.t('That is not an address at {0}, where the model is to come from.', endpoint.host + prefix),
    );
  }
  const segments = decodedSegments(url.pathname.slice(prefix.length + 1));
  if (segments === undefined) return invalid(l10n.t('The address holds characters that no name has.'));
  if (NO_MODELS.has(segments[0] ?? '')) return invalid(somethingElse());
  const isPage = (index: number): boolean => REVISION_PAGES.has(segments[index] ?? '');
  // A model may be called as a page is, and an old id has one name only.
  const end = isPage(1) && segments.length > 2 && !isPage(2) ? 1 : isPage(2) ? 2 : segments.length;
  const [id, rest] = [segments.slice(0, Math.min(end, 2)), segments.slice(end + 1)];
  return referenceOf(id, end < segments.length ? revisionIn(rest) : undefined);
}

/** The revision that an address goes on with: those of pull requests and conversions have slashes in them. */
function revisionIn([first, second, third]: readonly string[]): string | undefined {
  const isLong = first === 'refs' && (second === 'pr' || second === 'convert') && third !== undefined;
  return isLong ? `refs/${second}/${third}` : first;
}

function decodedSegments(path: string): readonly string[] | undefined {
  try {
    return path
      .split('/')
      .filter((segment) => segment !== '')
      .map((segment) => decodeURIComponent(segment));
  } catch {
    return undefined;
  }
}

function referenceOf(id: readonly string[], revision: string | undefined): ModelReference {
  // No namespace begins with a hyphen, and a program would take it for an option.
  if (id.length === 0 || !id.every(isName) || id[0]?.startsWith('-') === true) return invalid(shape());
  if (revision !== undefined && !isRevision(revision)) {
    return invalid(l10n.t('“{0}” cannot be a branch, tag or commit.', revision));
  }
  return { kind: 'model', model: id.join('/'), revision };
}

function isName(part: string): boolean {
  return /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,96}$/.test(part);
}

/** https://git-scm.com/docs/git-check-ref-format */
function isRevision(revision: string): boolean {
  return (
    /^[^\s\p{C}~^:?*[\\]{1,256}$/u.test(revision) &&
    !/^[-/.]|[/.]$|\/\/|\/\.|\.\.|@\{/.test(revision) &&
    revision !== '@'
  );
}

function shape(): string {
  return l10n.t(
    'Name a model as “namespace/name” or “namespace/name@revision”, or paste the address of its page.',
  );
}

function somethingElse(): string {
  return l10n.t('That names something else than a model.');
}

function invalid(problem: string): ModelReference {
  return { kind: 'invalid', problem };
}
