import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { Organization, Registry } from '../../core/hosts/host.ts';
import { allPages } from '../../core/hosts/page.ts';
import type { Session } from '../accounts/sessions.ts';
import type { OrganizationPlace } from '../places.ts';
import type { PromptBase } from '../prompts.ts';
import type { Services } from '../services.ts';

/** Lists to choose from: what one account or organization refuses to list is left out, and why is in `failures`. */
export class ListedPlaces {
  readonly #services: Pick<Services, 'log' | 'registriesView'>;
  readonly #signal: AbortSignal;
  readonly failures: Failure[] = [];

  constructor(services: Pick<Services, 'log' | 'registriesView'>, signal: AbortSignal) {
    this.#services = services;
    this.#signal = signal;
  }

  organizations({ host: { listing } }: Session): Promise<readonly Organization[]> {
    return this.#orNothing(() => allPages((cursor) => listing.organizations(cursor, this.#signal)));
  }

  /** Of every ecosystem. Those that the Registries view shows are not asked for again. */
  registries(session: Session, organization: string): Promise<readonly Registry[]> {
    return this.#orNothing(async () => {
      const shown = this.#services.registriesView.shownRegistries(session, organization);
      const { listing } = session.host;
      return shown ?? allPages((cursor) => listing.registries(organization, cursor, this.#signal));
    });
  }

  async #orNothing<T>(load: () => Promise<readonly T[]>): Promise<readonly T[]> {
    try {
      return await load();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#services.log.warn(`places to choose from: ${error.message}`);
      this.failures.push(error);
      return [];
    }
  }
}

function noOrganization(sessions: readonly Session[]): Failure {
  return new Failure(
    'notFound',
    vscode.l10n.t(
      '{0}. Sign in with another one.',
      [...new Set(sessions.map(({ service }) => service.words.noOrganization))].join(', '),
    ),
  );
}

/**
 * Lets the person choose among the organizations of `sessions`; the only one is taken without asking. Throws a
 * `Failure` where there is none. Undefined when they would rather not.
 */
export async function pickOrganization(
  services: Pick<Services, 'prompts' | 'log' | 'registriesView'>,
  sessions: readonly Session[],
  prompt: PromptBase,
): Promise<OrganizationPlace | undefined> {
  const places = await services.prompts.progress(
    { id: 'organizations', title: vscode.l10n.t('Listing your organizations'), cancellable: true },
    async (_report, signal): Promise<readonly OrganizationPlace[]> => {
      const listing = new ListedPlaces(services, signal);
      const found = await Promise.all(
        sessions.map(async (session) =>
          (await listing.organizations(session)).map((organization) => ({ session, organization })),
        ),
      );
      const all = found.flat();
      if (all.length > 0) return all;
      throw listing.failures[0] ?? noOrganization(sessions);
    },
  );
  if (places.length === 1) return places[0];
  return services.prompts.pick<OrganizationPlace>({
    ...prompt,
    choices: places.map((place) => ({
      label: place.organization.name,
      description: place.organization.slug,
      icon: 'organization',
      group: sessions.length > 1 ? place.session.label : undefined,
      value: place,
    })),
  });
}
