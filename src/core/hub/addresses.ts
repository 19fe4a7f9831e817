import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';

/** Where a model lives on one Hub endpoint. Every URL keeps the endpoint's path prefix. */
export interface Addresses {
  create(): URL;
  model(): URL;
  /** The branches and tags. */
  refs(): URL;
  /** `tree`, `commits`, `revision`, `preupload`, `commit` or `branch` of a revision. */
  ofRevision(
    call: 'tree' | 'commits' | 'revision' | 'preupload' | 'commit' | 'branch',
    revision: string,
  ): URL;
  /** The content of a file of a revision. */
  file(revision: string, path: string): URL;
  batch(): URL;
  /** An address that the server named, absolute or relative to the batch call. Throws `protocol` where we do not go. */
  named(href: string): URL;
}

export function addressesOf(endpoint: URL, model: string): Addresses {
  const prefix = endpoint.pathname.replace(/\/+$/, '');
  const id = model.split('/').map(segment).join('/');
  const at = (path: string): URL => {
    const url = new URL(endpoint);
    url.pathname = `${prefix}/${path}`;
    url.search = '';
    url.hash = '';
    return url;
  };
  const batch = (): URL => at(`${id}.git/info/lfs/objects/batch`);
  return {
    create: () => at('api/repos/create'),
    model: () => at(`api/models/${id}`),
    refs: () => at(`api/models/${id}/refs`),
    // A slash in a revision is quoted, unlike the one in a model id.
    ofRevision: (call, revision) => at(`api/models/${id}/${call}/${segment(revision)}`),
    file: (revision, path) =>
      at(`${id}/resolve/${segment(revision)}/${path.split('/').map(segment).join('/')}`),
    batch,
    named: (href) => namedAddress(href, batch()),
  };
}

/** Whether an address belongs to the endpoint's own origin: only there the token goes. */
export function isOwnAddress(endpoint: URL, url: URL): boolean {
  return url.origin === endpoint.origin;
}

function segment(text: string): string {
  // URL parsers walk up at dot segments, even at encoded ones.
  if (text === '' || text === '.' || text === '..' || /\p{Surrogate}/u.test(text)) {
    throw new Failure(
      'refused',
      l10n.t('“{0}” cannot stand in the name of a model, revision or file.', text),
    );
  }
  return encodeURIComponent(text);
}

function namedAddress(href: string, base: URL): URL {
  const url = URL.canParse(href, base.href) ? new URL(href, base) : undefined;
  if (url === undefined || !['https:', 'http:'].includes(url.protocol)) {
    throw new Failure(
      'protocol',
      l10n.t('{0} named an upload address that is not a web address.', base.host),
    );
  }
  if (base.protocol === 'https:' && url.protocol === 'http:') {
    throw new Failure(
      'protocol',
      l10n.t(
        '{0} named an upload address on {1} without encryption; nothing is sent there.',
        base.host,
        url.host,
      ),
    );
  }
  return url;
}
