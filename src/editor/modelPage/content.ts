import * as vscode from 'vscode';
import type { Snippet } from '../../core/instructions/snippets.ts';
import type { CommitName } from '../../core/objectIds.ts';
import type { HubTarget, ModelVersion } from '../../core/hosts/host.ts';
import type { Session } from '../accounts/sessions.ts';
import { endpointText } from '../endpointText.ts';
import type { Listing } from '../versionFiles/fileContents.ts';
import { versionLabel } from '../wording.ts';
import type { PageFact, PageHead, PartContent, PartName, ShownState } from './messages.ts';
import type { PageAddress } from './pageAddress.ts';
import type { Loaded, PartState } from './part.ts';
import type { Readme } from './readme.ts';
import {
  failed,
  filesContent,
  loading,
  needsSignIn,
  publishedText,
  signedOut,
  signInFirst,
  summaryContent,
  texts,
  titles,
  weightsDetail,
} from './texts.ts';
import type { VersionList } from './versionList.ts';
import type { WeightsPart } from './versionParts.ts';

/** All that the messages to a page are made from. */
export interface PageView {
  readonly address: PageAddress;
  /** Of the page's account; undefined where that is gone. */
  readonly session: Session | undefined;
  readonly isSignedOut: boolean;
  readonly now: Date;
  readonly versions: Pick<VersionList, 'first' | 'all' | 'hasMore' | 'moreState' | 'of'>;
  /** undefined while it is not known which version is shown, or where there is none. */
  readonly shown:
    | {
        readonly commit: CommitName;
        readonly files: Loaded<Listing>;
        readonly readme: Loaded<Readme | undefined>;
        readonly weights: Loaded<readonly WeightsPart[]>;
      }
    | undefined;
}

type Shown = NonNullable<PageView['shown']>;
type StateOf<Name extends PartName> = Extract<PartContent, { name: Name }>['state'];

/** A part of the page. Pure. */
export function partContent(view: PageView, name: PartName): PartContent {
  switch (name) {
    case 'versions':
      return { name, state: ofState(view, view.versions.first.state, () => versionsContent(view)) };
    case 'files':
      return {
        name,
        state: ofShown(view, ({ files }) =>
          ofState(view, files.state, (listing) => ({ status: 'ready', content: filesContent(listing) })),
        ),
      };
    case 'readme':
      return { name, state: ofShown(view, ({ readme }) => ofState(view, readme.state, readmeContent)) };
    case 'weights':
      return {
        name,
        state: ofShown(view, ({ weights }) =>
          ofState(view, weights.state, (sets) => weightsContent(view, sets)),
        ),
      };
  }
}

/** Of the version that is shown; while none is, it is about the list that tells which. */
function ofShown<C>(view: PageView, content: (shown: Shown) => ShownState<C>): ShownState<C> {
  if (view.shown) return content(view.shown);
  return ofState(view, view.versions.first.state, () => noVersion(view));
}

function noVersion({ address }: PageView): ShownState<never> {
  return { status: 'none', sentence: vscode.l10n.t('There is no version of “{0}”.', address.model) };
}

function ofState<T, C>(
  { isSignedOut }: PageView,
  state: PartState<T>,
  content: (value: T) => ShownState<C>,
): ShownState<C> {
  switch (state.status) {
    case 'idle':
    case 'loading':
      return loading();
    case 'failed':
      // Said once, at the top of the page.
      return needsSignIn(state.error) && isSignedOut ? signInFirst() : failed(state.error);
    case 'ready':
      return content(state.value);
  }
}

function versionsContent(view: PageView): StateOf<'versions'> {
  const { versions, shown, now } = view;
  if (versions.all.length === 0) return noVersion(view);
  return {
    status: 'ready',
    content: {
      versions: versions.all.map((version) => ({
        commit: version.commit,
        name: versionLabel(version),
        published: publishedText(version, now),
        shown: version.commit !== undefined && version.commit === shown?.commit,
      })),
      more: versions.hasMore ? moreContent(versions.moreState) : undefined,
    },
  };
}

function moreContent(state: PartState<void> | undefined) {
  switch (state?.status) {
    case 'loading':
      return loading();
    case 'failed':
      return failed(state.error);
    case undefined:
    case 'idle':
    case 'ready':
      return { status: 'idle', action: vscode.l10n.t('Load More') } as const;
  }
}

function readmeContent(readme: Readme | undefined): StateOf<'readme'> {
  if (!readme) {
    return { status: 'none', sentence: vscode.l10n.t('This version has no README.md at its root.') };
  }
  const { text, metadata, cut } = readme;
  return {
    status: 'ready',
    content: {
      text,
      folder: '',
      metadata,
      metadataTitle: vscode.l10n.t('Metadata'),
      cut: cut
        ? vscode.l10n.t('The model card is too long to be shown whole. Open README.md for the rest.')
        : undefined,
    },
  };
}

function weightsContent(view: PageView, sets: readonly WeightsPart[]): StateOf<'weights'> {
  if (sets.length === 0) {
    return {
      status: 'none',
      sentence: vscode.l10n.t('This version has no weights in the formats safetensors or GGUF.'),
    };
  }
  return {
    status: 'ready',
    content: {
      sets: sets.map(({ set, summary: { state } }) => ({
        entry: set.entry,
        detail: weightsDetail(set),
        state:
          state.status === 'idle'
            ? { status: 'idle', action: vscode.l10n.t('Read Header') }
            : ofState(view, state, (value) => ({ status: 'ready', content: summaryContent(value) })),
      })),
    },
  };
}

/** What a page shows at its top. Pure. @param install undefined where nothing can be installed. */
export function pageHead(view: PageView, install: Snippet | undefined): PageHead {
  const { address, session, isSignedOut } = view;
  return {
    heading: address.model,
    signedOut: isSignedOut ? signedOut(session) : undefined,
    facts: facts(view),
    actions: isSignedOut ? [] : actions(address.commit),
    install: install && {
      title: install.title,
      command: install.text,
      problem: install.text === undefined ? install.explanation.join(' ') : undefined,
      copyLabel: install.copyLabel,
    },
    titles: titles(),
    texts: texts(),
    saved: address,
  };
}

/** The page's registry; undefined where no account reaches it. */
export function hubOf({ address, session }: Pick<PageView, 'address' | 'session'>): HubTarget | undefined {
  return session?.host.hub({ organization: address.organization, slug: address.registry });
}

function facts(view: PageView): readonly PageFact[] {
  const { organization, registry, model, commit } = view.address;
  const endpoint = hubOf(view)?.endpoint;
  const published = view.versions.of(commit);
  const when = published && publishedText(published, view.now);
  return [
    { label: vscode.l10n.t('Registry'), value: `${organization}/${registry}` },
    ...(commit === undefined
      ? []
      : [
          {
            label: vscode.l10n.t('Version'),
            value: commit,
            copy: { what: 'commit' as const, label: vscode.l10n.t('Copy Commit SHA') },
          },
        ]),
    ...(when ? [{ label: vscode.l10n.t('Published'), value: when }] : []),
    {
      label: vscode.l10n.t('Model ID'),
      value: model,
      copy: { what: 'model', label: vscode.l10n.t('Copy Model ID') },
    },
    ...(endpoint
      ? [
          {
            label: vscode.l10n.t('Address'),
            value: endpointText(endpoint),
            copy: { what: 'endpoint' as const, label: vscode.l10n.t('Copy Address') },
          },
        ]
      : []),
  ];
}

function actions(commit: CommitName | undefined): PageHead['actions'] {
  return [
    {
      action: 'showCommands',
      label: vscode.l10n.t('Install & Publish Commands'),
      icon: 'terminal',
    },
    ...(commit === undefined
      ? []
      : [
          {
            action: 'copyForTeammate' as const,
            label: vscode.l10n.t('Copy for a Teammate'),
            icon: 'share',
          },
          { action: 'download' as const, label: vscode.l10n.t('Download…'), icon: 'cloud-download' },
        ]),
  ];
}

/** The version that is shown, as rows name it: as the list has it, where it is listed. */
export function listedVersion(
  { versions, address }: Pick<PageView, 'versions' | 'address'>,
  commit: CommitName,
  registry: ModelVersion['registry'],
): ModelVersion {
  const unlisted = { id: commit, registry, model: address.model, commit };
  return versions.of(commit) ?? { ...unlisted, createdAt: undefined, webUrl: undefined };
}
