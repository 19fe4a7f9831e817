import * as vscode from 'vscode';
import { Lane } from '../../core/async/lanes.ts';
import { visibleLine } from '../../core/visibleText.ts';
import type { Session } from '../accounts/sessions.ts';
import { sessionsFor } from '../accounts/usableSessions.ts';
import type { Remark, SearchItem } from '../prompts.ts';
import type { Services } from '../services.ts';
import { sayInStatusBar } from '../statusBar.ts';
import {
  createModelSearch,
  type Found,
  type FoundModel,
  type ModelSearch,
  type SearchedPlaces,
} from './modelSearch.ts';
import { ListedPlaces } from './places.ts';
import { relativeTime } from '../relativeTime.ts';
import { joined, registryName, shortSha } from '../wording.ts';
import type { RegistryPlace } from '../places.ts';
import type { Row } from '../rows.ts';

/** Organizations whose registries are listed at the same time. */
const CONCURRENT_LISTS = 4;

/** Where to search. */
interface Place {
  /** What the person calls it; undefined where it is all there is. */
  readonly name: string | undefined;
  /** How a registry is told from the others; undefined where it needs no naming. */
  readonly nameOf: (found: FoundModel) => string | undefined;
  readonly list: (signal: AbortSignal) => Promise<SearchedPlaces>;
}

/**
 * Searches models by name, while the name is typed, and shows the chosen one in the view.
 *
 * @param row The registry or organization to search in; everywhere without one.
 */
export async function findModel(services: Services, row: Row | undefined): Promise<void> {
  const place = await placeOf(services, row);
  if (!place) return;
  const { name } = place;
  const search = createModelSearch(place.list);
  const chosen = await services.prompts.search<FoundModel>({
    id: 'findModel',
    title: name === undefined ? vscode.l10n.t('Find Model') : vscode.l10n.t('Find Model in {0}', name),
    placeholder: vscode.l10n.t('Part of the name'),
    find: async function* (text, signal) {
      for await (const found of search.find(text, signal)) {
        yield [
          ...found.models.map((model) => match(services, place, model)),
          ...remarks(place, search, text.trim(), found),
        ];
      }
    },
  });
  if (chosen) await services.registriesView.revealModel(chosen.session, chosen.registry, chosen.model);
}

async function placeOf(services: Services, row: Row | undefined): Promise<Place | undefined> {
  if (row?.kind === 'registry') {
    const { session, registry } = row;
    const places = [{ session, registry }];
    return {
      name: registry.name,
      nameOf: () => undefined,
      list: () => Promise.resolve({ places, failures: [] }),
    };
  }
  if (row?.kind === 'organization') {
    const { session, organization } = row;
    return {
      name: organization.name,
      nameOf: ({ registry }) => registry.name,
      list: async (signal) => {
        const listing = new ListedPlaces(services, signal);
        return {
          places: await registriesOf(listing, session, organization.slug),
          failures: listing.failures,
        };
      },
    };
  }
  const sessions = await sessionsFor(services, vscode.l10n.t('Sign in to find models.'));
  return sessions && everywhere(services, sessions);
}

function everywhere(services: Services, sessions: readonly Session[]): Place {
  return {
    name: undefined,
    nameOf: ({ session, registry }) =>
      joined(registryName(registry), sessions.length > 1 ? session.label : undefined),
    list: async (signal) => {
      const listing = new ListedPlaces(services, signal);
      const organizations = await Promise.all(
        sessions.map(async (session) =>
          (await listing.organizations(session)).map(({ slug }) => ({ session, slug })),
        ),
      );
      const lane = new Lane(() => CONCURRENT_LISTS);
      const perOrganization = await Promise.all(
        organizations
          .flat()
          .map(({ session, slug }) => lane.run(signal, () => registriesOf(listing, session, slug))),
      );
      return { places: inTurns(perOrganization), failures: listing.failures };
    },
  };
}

async function registriesOf(
  listing: ListedPlaces,
  session: Session,
  organization: string,
): Promise<readonly RegistryPlace[]> {
  const registries = await listing.registries(session, organization);
  return registries.filter(({ holdsModels }) => holdsModels).map((registry) => ({ session, registry }));
}

/** The first of each list, then the second of each: a search asks some of them only, and no organization is to be left out. */
function inTurns<T>(lists: readonly (readonly T[])[]): readonly T[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, index) =>
    lists.flatMap((list) => list.slice(index, index + 1)),
  ).flat();
}

function match({ prompts }: Services, { nameOf }: Place, found: FoundModel): SearchItem<FoundModel> {
  const { session, model, registry, newest } = found;
  const age = newest?.createdAt && relativeTime(newest.createdAt, new Date(), vscode.env.language);
  return {
    kind: 'match',
    label: model,
    description: joined(newest?.commit && shortSha(newest.commit), age),
    icon: 'package',
    group: nameOf(found),
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
        tooltip: vscode.l10n.t('Install & Publish Commands'),
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
            label: vscode.l10n.t('There are more. Type more of the name.'),
            detail: vscode.l10n.t(
              'Only the newest versions were searched in: {0}',
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
    label: nothingText(name, text),
  };
}

function nothingText(name: string | undefined, text: string): string {
  if (name === undefined) {
    return text === ''
      ? vscode.l10n.t('There are no models.')
      : vscode.l10n.t('No model has “{0}” in its name.', text);
  }
  return text === ''
    ? vscode.l10n.t('There are no models in {0}.', name)
    : vscode.l10n.t('No model in {0} has “{1}” in its name.', name, text);
}
