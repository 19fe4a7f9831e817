import type { Row } from '../rows.ts';

/** The row's page on its service's web site; undefined where it has none, or where the server names a page elsewhere. */
export function webPage(row: Row): URL | undefined {
  const page = pageOf(row);
  const isWeb = page?.url?.protocol === 'https:' || page?.url?.protocol === 'http:';
  return isWeb && page.url?.origin === page.row.session.service.webUrl.origin ? page.url : undefined;
}

function pageOf(row: Row) {
  switch (row.kind) {
    case 'organization':
      return { row, url: row.organization.webUrl };
    case 'registry':
    case 'otherRegistry':
      return { row, url: row.registry.webUrl };
    case 'version':
      return { row, url: row.version.webUrl };
    case 'model':
    case 'folder':
    case 'file':
    case 'more':
    case 'loading':
    case 'empty':
    case 'failed':
    case 'signIn':
      return undefined;
  }
}
