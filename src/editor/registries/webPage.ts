import type { Row } from '../rows.ts';

/** The row's page on the web site at `webUrl`; undefined where it has none, or where the server names a page elsewhere. */
export function webPage(row: Row, webUrl: URL): URL | undefined {
  const page = pageOf(row);
  const isWeb = page?.protocol === 'https:' || page?.protocol === 'http:';
  return isWeb && page.origin === webUrl.origin ? page : undefined;
}

function pageOf(row: Row): URL | undefined {
  switch (row.kind) {
    case 'organization':
      return row.organization.webUrl;
    case 'registry':
    case 'otherRegistry':
      return row.registry.webUrl;
    case 'version':
      return row.version.webUrl;
    case 'model':
    case 'folder':
    case 'file':
    case 'more':
    case 'empty':
    case 'failed':
    case 'signIn':
      return undefined;
  }
}
