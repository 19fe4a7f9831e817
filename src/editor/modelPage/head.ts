import * as vscode from 'vscode';
import type { Snippet } from '../../core/instructions/snippets.ts';
import type { CommitName } from '../../core/objectIds.ts';
import type { HubTarget } from '../../core/hosts/host.ts';
import { publishedAs, type PublishedAs } from '../../core/publish/trailer.ts';
import { endpointText } from '../endpointText.ts';
import { subjectLine } from '../subjectLine.ts';
import type { PageView, Shown } from './content.ts';
import { changesSince, chips, commitFacts, firstVersion, isFirst, type Known, standing } from './glance.ts';
import type { PageChanges, PageFact, PageHead } from './messages.ts';
import type { Loaded } from './part.ts';
import { formatName, publishedText, shortParameters, signedOut, sizeOf, texts, titles } from './texts.ts';

/** What a page shows at its top. Pure. @param install undefined where nothing can be installed. */
export function pageHead(view: PageView, install: Snippet | undefined): PageHead {
  const { address, session, isSignedOut, shown, versions, messages } = view;
  const message = messages.of(address.commit);
  return {
    heading: address.model,
    signedOut: isSignedOut ? signedOut(session) : undefined,
    chips: shown ? chips(known(shown)) : [],
    subject: subjectLine(message),
    standing: address.commit && standing(address.commit, versions),
    changes: shown && changes(shown, versions),
    facts: facts(view, message === undefined ? undefined : publishedAs(message)),
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

function known({ readme, files, weights }: Shown): Known {
  const sets = valueOf(weights) ?? [];
  const listing = valueOf(files);
  const [first] = sets.flatMap(({ summary }) => valueOf(summary) ?? []);
  return {
    metadata: valueOf(readme)?.metadata ?? [],
    size: listing && sizeOf([...listing.values()]),
    parameters: first && shortParameters(first.parameters),
    formats: sets.map(({ set }) => formatName(set)),
  };
}

/** undefined while it is not loaded. */
function valueOf<T>({ state }: Loaded<T>): T | undefined {
  return state.status === 'ready' ? state.value : undefined;
}

function changes({ commit, since }: Shown, versions: PageView['versions']): PageChanges | undefined {
  if (!since) return isFirst(commit, versions) ? firstVersion() : undefined;
  const files = valueOf(since.changes);
  return files && changesSince(since.before, files);
}

function facts(view: PageView, published: PublishedAs | undefined): readonly PageFact[] {
  const { organization, registry, model, commit } = view.address;
  const endpoint = hubOf(view)?.endpoint;
  const version = view.versions.of(commit);
  const when = version && publishedText(version, view.now);
  return [
    { label: vscode.l10n.t('Registry'), value: `${organization}/${registry}` },
    ...(commit === undefined ? [] : commitFacts(commit, published)),
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
