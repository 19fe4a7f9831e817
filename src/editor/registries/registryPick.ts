import * as vscode from 'vscode';
import { Lane } from '../../core/async/lanes.ts';
import { Failure } from '../../core/failure.ts';
import type { Organization, Registry } from '../../core/hosts/host.ts';
import type { Session } from '../accounts/sessions.ts';
import type { Choice, PromptBase } from '../prompts.ts';
import type { Services } from '../services.ts';
import type { RegistryPlace, RememberedRegistry } from '../places.ts';
import { ListedPlaces } from './places.ts';

/** Organizations whose registries are listed at the same time. */
const CONCURRENT_LISTS = 4;

/**
 * Lets the person choose among the model registries of all organizations of `sessions`; `last` comes first.
 * Organizations that cannot be read are said and left out, unless none can.
 */
export async function pickRegistry(
  services: Pick<Services, 'prompts' | 'log' | 'registriesView'>,
  sessions: readonly Session[],
  prompt: PromptBase & {
    readonly last?: RememberedRegistry;
    /** Not offered. */
    readonly except?: RegistryPlace;
  },
): Promise<RegistryPlace | undefined> {
  return services.prompts.pick<RegistryPlace>({
    ...prompt,
    choices: async (signal) => {
      const { choices, failure } = await modelRegistries(services, sessions, signal);
      const all = choices.filter(({ value }) => !isSame(value, prompt.except));
      if (all.length === 0) {
        throw (
          failure ??
          new Failure(
            'notFound',
            [...new Set(sessions.map(({ service }) => service.words.wayToRegistry))].join(' '),
          )
        );
      }
      if (failure) {
        void services.prompts.notify({
          id: 'registriesMissing',
          severity: 'warning',
          message: vscode.l10n.t('Some registries are missing from the list: {0}', failure.message),
        });
      }
      const places = all.filter(({ value }) => isThat(value, prompt.last));
      const last =
        places.find(({ value }) => value.session.accountId === prompt.last?.accountId) ?? places[0];
      if (!last) return all;
      return [{ ...last, group: vscode.l10n.t('Used last') }, ...all.filter((choice) => choice !== last)];
    },
  });
}

async function modelRegistries(
  services: Pick<Services, 'log' | 'registriesView'>,
  sessions: readonly Session[],
  signal: AbortSignal,
): Promise<{ readonly choices: readonly Choice<RegistryPlace>[]; readonly failure: Failure | undefined }> {
  const lane = new Lane(() => CONCURRENT_LISTS);
  const listing = new ListedPlaces(services, signal);
  const perSession = await Promise.all(
    sessions.map(async (session) => {
      const organizations = await listing.organizations(session);
      return Promise.all(
        organizations.map((organization) =>
          lane.run(signal, async () => {
            const registries = await listing.registries(session, organization.slug);
            return registries
              .filter(({ holdsModels }) => holdsModels)
              .map((registry) => choiceOf(session, organization, registry, sessions.length > 1));
          }),
        ),
      );
    }),
  );
  return { choices: perSession.flat(2), failure: listing.failures[0] };
}

function choiceOf(
  session: Session,
  organization: Organization,
  registry: Registry,
  nameAccount: boolean,
): Choice<RegistryPlace> {
  return {
    label: registry.name,
    description: `${registry.organization}/${registry.slug}`,
    detail: registry.description,
    icon: 'package',
    group: nameAccount ? `${organization.name} (${session.label})` : organization.name,
    value: { session, registry },
  };
}

function isSame({ registry, session }: RegistryPlace, other: RegistryPlace | undefined): boolean {
  return (
    session.service.id === other?.session.service.id &&
    registry.organization === other.registry.organization &&
    registry.slug === other.registry.slug
  );
}

function isThat({ registry }: RegistryPlace, last: RememberedRegistry | undefined): boolean {
  return registry.organization === last?.organization && registry.slug === last.registry;
}
