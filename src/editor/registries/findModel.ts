import { allPages } from '../../core/hosts/page.ts';
import * as vscode from 'vscode';
import type { Registry } from '../../core/hosts/host.ts';
import { visibleLine } from '../../core/visibleText.ts';
import type { Session } from '../accounts/sessions.ts';
import { sessionsFor } from '../accounts/usableSessions.ts';
import type { Remark, SearchItem } from '../prompts.ts';
import type { Services } from '../services.ts';
import { sayInStatusBar } from '../statusBar.ts';
import { createModelSearch, type Found, type FoundModel, type ModelSearch } from './modelSearch.ts';
import { pickOrganization } from './places.ts';
import { relativeTime } from '../relativeTime.ts';
import { joined, shortSha } from '../wording.ts';
import type { Row } from '../rows.ts';

/** Where to search. */
interface Place {
  readonly session: Session;
  /** What the person calls it. */
  readonly name: string;
  /** Whether it is one registry, which needs no naming then. */
  readonly single: boolean;
  readonly list: (signal: AbortSignal) => Promise<readonly Registry[]>;
}

/**
 * Searches the models of an organization or of one registry by name, while the name is typed, and shows the chosen one
 * in the view.
 *
 * @param row Where to search; without one, the organization is asked for where there are several.
 */
export async function findModel(services: Services, row: Row | undefined): Promise<void> {
  const place = await placeOf(services, row);
  if (!place) return;
  const { session, name } = place;
  const search = createModelSearch(session, place.list);
  const chosen = await services.prompts.search<FoundModel>({
    id: 'findModel',
    title: vscode.l10n.t('Find Model in {0}', name),
    placeholder: vscode.l10n.t('A part of the name'),
    find: async function* (text, signal) {
      for await (const found of search.find(text, signal)) {
        yield [
          ...found.models.map((model) => match(services, place, model)),
          ...remarks(place, search, text.trim(), found),
        ];
      }
    },
  });
  if (chosen) await services.registriesView.revealModel(session, chosen.registry, chosen.model);
}

async function placeOf(services: Services, row: Row | undefined): Promise<Place | undefined> {
  if (row?.kind === 'registry') {
    const { session, registry } = row;
    return { session, name: registry.name, single: true, list: () => Promise.resolve([registry]) };
  }
  const found = row?.kind === 'organization' ? row : await askOrganization(services);
  if (!found) return undefined;
  const { session, organization } = found;
  return {
    session,
    name: organization.name,
    single: false,
    list: async (signal) => {
      const registries =
        services.registriesView.shownRegistries(session, organization.slug) ??
        (await allPages((cursor) => session.host.listing.registries(organization.slug, cursor, signal)));
      return registries.filter(({ holdsModels }) => holdsModels);
    },
  };
}

async function askOrganization(services: Services) {
  const sessions = await sessionsFor(services, vscode.l10n.t('Sign in to find models.'));
  return (
    sessions &&
    (await pickOrganization(services, sessions, {
      id: 'findModel.organization',
      title: vscode.l10n.t('Find Model'),
      placeholder: vscode.l10n.t('The organization to search in'),
    }))
  );
}

function match({ prompts }: Services, { session, single }: Place, found: FoundModel): SearchItem<FoundModel> {
  const { model, registry, newest } = found;
  const age = newest?.createdAt && relativeTime(newest.createdAt, new Date(), vscode.env.language);
  return {
    kind: 'match',
    label: model,
    description: joined(newest?.commit && shortSha(newest.commit), age),
    icon: 'package',
    group: single ? undefined : registry.name,
    value: found,
    buttons: [
      {
        icon: 'copy',
        tooltip: vscode.l10n.t('Copy Model ID'),
        run: async () => {
          await prompts.copy(visibleLine(model));
          sayInStatusBar(vscode.l10n.t('Copied {0}', model), 3000);
        },
      },
      {
        icon: 'terminal',
        tooltip: vscode.l10n.t('Show Publish and Install Commands'),
        run: async () => {
          const row: Row = { kind: 'model', session, registry, model };
          await vscode.commands.executeCommand('modelRegistries.showInstructions', row);
        },
      },
    ],
  };
}

function remarks(place: Place, search: ModelSearch, text: string, found: Found): readonly Remark[] {
  const { models, cutShort, unasked, failures, done } = found;
  return [
    ...failures.map(({ message }) => ({
      kind: 'remark' as const,
      icon: 'warning',
      label: message,
      detail: vscode.l10n.t('Press Enter to try again.'),
      run: () => undefined,
    })),
    ...(done && models.length === 0 && failures.length === 0 ? [nothingFound(place, text)] : []),
    ...(cutShort.length > 0
      ? [
          {
            kind: 'remark' as const,
            icon: 'ellipsis',
            label: vscode.l10n.t('There are more: type more of the name.'),
            detail: vscode.l10n.t(
              'Only the newest versions were looked at in: {0}',
              cutShort.map(({ name }) => name).join(', '),
            ),
          },
        ]
      : []),
    ...(done && unasked > 0
      ? [
          {
            kind: 'remark' as const,
            icon: 'search',
            label: vscode.l10n.t('Search in more registries'),
            detail: vscode.l10n.t('Registries that were not searched: {0}', unasked),
            run: () => search.widen(),
          },
        ]
      : []),
  ];
}

function nothingFound({ name }: Place, text: string): Remark {
  return {
    kind: 'remark',
    icon: 'info',
    label:
      text === ''
        ? vscode.l10n.t('There are no models in {0}.', name)
        : vscode.l10n.t('No model in {0} has “{1}” in its name.', name, text),
  };
}
