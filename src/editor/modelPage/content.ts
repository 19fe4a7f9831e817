import * as vscode from 'vscode';
import type { CommitName } from '../../core/objectIds.ts';
import type { ModelVersion } from '../../core/hosts/host.ts';
import type { RemoteFile } from '../../core/hub/remoteFile.ts';
import type { FileChange } from '../../core/publish/fileChanges.ts';
import { publishedAs } from '../../core/publish/trailer.ts';
import type { Session } from '../accounts/sessions.ts';
import { subjectLine } from '../subjectLine.ts';
import type { Listing } from '../versionFiles/fileContents.ts';
import { shortSha, versionLabel } from '../wording.ts';
import type { PartContent, PartName, ShownState } from './messages.ts';
import type { PageAddress } from './pageAddress.ts';
import type { Loaded, PartState } from './part.ts';
import type { Readme } from './readme.ts';
import {
  failed,
  filesContent,
  loading,
  needsSignIn,
  publishedText,
  signInFirst,
  summaryContent,
  weightsDetail,
} from './texts.ts';
import type { VersionList } from './versionList.ts';
import type { VersionMessages } from './versionMessages.ts';
import type { ChangesPart, WeightsPart } from './versionParts.ts';

/** All that the messages to a page are made from. */
export interface PageView {
  readonly address: PageAddress;
  /** Of the page's account; undefined where that is gone. */
  readonly session: Session | undefined;
  readonly isSignedOut: boolean;
  readonly now: Date;
  readonly versions: Pick<VersionList, 'first' | 'all' | 'hasMore' | 'moreState' | 'of'>;
  readonly messages: Pick<VersionMessages, 'of'>;
  /** undefined while it is not known which version is shown, or where there is none. */
  readonly shown:
    | {
        readonly commit: CommitName;
        readonly files: Loaded<Listing>;
        readonly readme: Loaded<Readme | undefined>;
        readonly weights: Loaded<readonly WeightsPart[]>;
        readonly since:
          | (Pick<ChangesPart, 'before'> & { readonly changes: Loaded<readonly FileChange<RemoteFile>[]> })
          | undefined;
      }
    | undefined;
}

export type Shown = NonNullable<PageView['shown']>;
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
      versions: versions.all.map((version) => {
        const message = view.messages.of(version.commit);
        return {
          commit: version.commit,
          name: versionLabel(version),
          git: message && gitCommitText(message),
          subject: subjectLine(message) ?? '',
          published: publishedText(version, now),
          shown: version.commit !== undefined && version.commit === shown?.commit,
        };
      }),
      more: versions.hasMore ? moreContent(versions.moreState) : undefined,
    },
  };
}

/** As tree rows name it beside a version. */
function gitCommitText(message: string): string | undefined {
  const published = publishedAs(message);
  return published?.kind === 'git' ? vscode.l10n.t('Git {0}', shortSha(published.commit)) : undefined;
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
        ? vscode.l10n.t('The model card is too long to be shown as a whole. Open README.md for the rest.')
        : undefined,
    },
  };
}

function weightsContent(view: PageView, sets: readonly WeightsPart[]): StateOf<'weights'> {
  if (sets.length === 0) {
    return {
      status: 'none',
      sentence: vscode.l10n.t('This version has no weights in safetensors or GGUF.'),
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

/** The version that is shown, as rows name it: as the list has it, where it is listed. */
export function listedVersion(
  { versions, address }: Pick<PageView, 'versions' | 'address'>,
  commit: CommitName,
  registry: ModelVersion['registry'],
): ModelVersion {
  const unlisted = { id: commit, registry, model: address.model, commit };
  return versions.of(commit) ?? { ...unlisted, createdAt: undefined, webUrl: undefined };
}
