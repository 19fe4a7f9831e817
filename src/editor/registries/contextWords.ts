import { mayBuild } from '../mayBuild.ts';
import type { Row } from '../rows.ts';
import { isPinned } from './pins.ts';
import { webPage } from './webPage.ts';

/** Every word a context value can hold; `when` clauses of package.json match them as whole words. */
export const CONTEXT_WORDS = [
  'organization',
  'registry',
  'otherRegistry',
  'model',
  'version',
  'folder',
  'file',
  'more',
  'loading',
  'empty',
  'failed',
  'signIn',
  /** A model, or a version of that model, can be published into it. */
  'publishable',
  /** A model of another hub can be imported into it, or into the registry that it says is empty. */
  'importable',
  /** A build can publish into it. */
  'buildable',
  /** There are publish and install commands for it. */
  'instructable',
  /** It is a commit. */
  'sha',
  /** It has a page on the web site. */
  'web',
  /** The token may create registries in it. */
  'creatable',
  /** The token may change its description. */
  'describable',
  /** The token may delete it. */
  'deletable',
  /** It has tokens that only read, which can be listed. */
  'tokens',
  /** It has an OIDC policy, which the token may change. */
  'policy',
  /** It has a name or an id to copy. */
  'copyable',
  /** It is a commit whose files can be fetched into a folder, or a model, whose newest version can. */
  'downloadable',
  /** It is a commit that can be held against another one, or a model, whose newest version can. */
  'comparable',
  /** The SHA-256 of its content is known. */
  'hashed',
  /** It can be read in an editor. */
  'openable',
  /** It has a model page. */
  'presentable',
  /** It shows only models whose names match a filter. */
  'filtered',
  /** Registries of others can be shown in it. */
  'pinning',
  /** It is shown because a setting names it. */
  'pinned',
  /** A model in it can be opened by its name, listed or not. */
  'namable',
  /** Its versions may be on other branches, too. */
  'branched',
] as const;

type ContextWord = (typeof CONTEXT_WORDS)[number];

/** The words that menus may ask of a row. */
export function* contextWords(row: Row): Iterable<ContextWord> {
  yield row.kind;
  yield* ownWords(row);
  if (webPage(row)) yield 'web';
}

function* ownWords(row: Row): Iterable<ContextWord> {
  switch (row.kind) {
    case 'organization':
      if (row.session.may('createRegistry')) yield 'creatable';
      if (row.session.service.pinning) yield 'pinning';
      return;
    case 'registry':
      yield* ['copyable', 'instructable'] as const;
      if (row.session.may('publish')) yield* ['publishable', 'importable'] as const;
      if (mayBuild(row.session)) yield 'buildable';
      if (row.session.may('describeRegistry')) yield 'describable';
      if (row.session.may('deleteRegistry')) yield 'deletable';
      // What everybody may read has none.
      if (row.session.may('listReadTokens') && row.registry.public !== true) yield 'tokens';
      if (row.session.may('changeOidcPolicy')) yield 'policy';
      if (row.filter !== undefined) yield 'filtered';
      if (isPinned(row.session.service.pinning, row.registry.slug)) yield 'pinned';
      if (row.session.host.listing.model) yield 'namable';
      return;
    case 'model':
      yield* ['comparable', 'copyable', 'downloadable', 'instructable', 'presentable'] as const;
      if (row.session.may('publish')) yield 'publishable';
      if (mayBuild(row.session)) yield 'buildable';
      if (row.session.host.listing.revisions) yield 'branched';
      return;
    case 'version':
      yield* ['copyable', 'instructable'] as const;
      if (row.version.commit !== undefined)
        yield* ['comparable', 'downloadable', 'presentable', 'sha'] as const;
      if (row.session.may('deleteVersion')) yield 'deletable';
      return;
    case 'file':
      yield 'openable';
      if (row.sha256 !== undefined) yield 'hashed';
      return;
    case 'otherRegistry':
    case 'folder':
    case 'more':
    case 'loading':
    case 'failed':
    case 'signIn':
      return;
    case 'empty':
      if (row.parent.kind === 'registry' && row.parent.session.may('publish')) yield 'importable';
      return;
  }
}
