import * as vscode from 'vscode';
import { allPages } from '../../core/hosts/page.ts';
import { Failure } from '../../core/failure.ts';
import type { NewRegistry, Registry, Team } from '../../core/hosts/host.ts';
import { notPermitted, sessionsFor } from '../accounts/usableSessions.ts';
import type { Services } from '../services.ts';
import type { OrganizationPlace } from '../places.ts';
import { ListedPlaces, pickOrganization } from './places.ts';
import { nameKey, registryOfName } from './registryNames.ts';
import type { Row } from '../rows.ts';

/** What the organization has that a new registry has to do with. */
interface Surroundings {
  readonly registries: readonly Registry[];
  readonly teams: readonly Team[];
}

/** Asks for what a registry needs, creates it and shows it. @param row An organization's; without one it is asked for. */
export async function createRegistry(services: Services, row: Row | undefined): Promise<void> {
  const place = row?.kind === 'organization' ? row : await askOrganization(services);
  if (!place) return;
  const { prompts, registriesView } = services;
  const surroundings = await lookAround(services, place);
  let wanted: NewRegistry = { name: '', description: undefined, teamIds: [] };
  for (;;) {
    const given = await askDetails(services, place, surroundings, wanted);
    if (!given) return;
    wanted = given;
    const created = await create(services, place, wanted);
    if (!created) return;
    if (!(created instanceof Failure)) {
      registriesView.registriesChanged(place.session, place.organization.slug);
      await registriesView.revealRegistry(place.session, created);
      return;
    }
    const ecosystem = place.session.host.admin?.ecosystem;
    const next = await prompts.notify({
      id: 'createRegistry.refused',
      severity: 'error',
      message: refusalSentence(place, wanted, surroundings, created),
      actions: [
        { id: 'change', label: vscode.l10n.t('Change and Try Again') },
        ...(ecosystem ? [{ id: 'ecosystem', label: vscode.l10n.t('Change the Ecosystem Setting') }] : []),
      ],
    });
    if (next === 'ecosystem') {
      await vscode.commands.executeCommand('workbench.action.openSettings', ecosystem?.setting);
    }
    if (next !== 'change') return;
  }
}

async function askOrganization(services: Services): Promise<OrganizationPlace | undefined> {
  const sessions = await sessionsFor(services, vscode.l10n.t('Sign in to create a registry.'));
  if (!sessions) return undefined;
  const able = sessions.filter((session) => session.may('createRegistry'));
  if (able.length === 0) {
    throw notPermitted(sessions, ['createRegistry'], (accounts, scopes) =>
      vscode.l10n.t(
        'The access token of {0} may not create registries. Create one with the scope {1}, and sign in with it.',
        accounts,
        scopes,
      ),
    );
  }
  return pickOrganization(services, able, {
    id: 'createRegistry.organization',
    title: vscode.l10n.t('Create Registry'),
    placeholder: vscode.l10n.t('The organization to create the registry in'),
  });
}

/** What cannot be listed is left to the server, which refuses what does not fit. */
async function lookAround(
  services: Services,
  { session, organization }: OrganizationPlace,
): Promise<Surroundings> {
  return services.prompts.progress(
    {
      id: 'createRegistry.look',
      title: vscode.l10n.t('Looking at {0}', organization.name),
      cancellable: true,
    },
    async (_report, signal) => {
      const listing = new ListedPlaces(services, signal);
      const teams = async (): Promise<readonly Team[]> => {
        const { admin } = session.host;
        if (!admin || !session.may('listTeams')) return [];
        try {
          return await allPages((cursor) => admin.teams(organization.slug, cursor, signal));
        } catch (error) {
          if (!(error instanceof Failure)) throw error;
          services.log.warn(`teams of a new registry: ${error.message}`);
          return [];
        }
      };
      const [registries, found] = await Promise.all([
        listing.registries(session, organization.slug),
        teams(),
      ]);
      return { registries, teams: found };
    },
  );
}

async function askDetails(
  { prompts }: Services,
  { organization }: OrganizationPlace,
  { registries, teams }: Surroundings,
  before: NewRegistry,
): Promise<NewRegistry | undefined> {
  const title = vscode.l10n.t('Create Registry in {0}', organization.name);
  const totalSteps = teams.length > 0 ? 3 : 2;
  const name = await prompts.input({
    id: 'createRegistry.name',
    title,
    prompt: vscode.l10n.t('Name of the registry. It becomes a part of its address.'),
    placeholder: vscode.l10n.t('Language models'),
    value: before.name,
    step: 1,
    totalSteps,
    check: (value) => nameProblem(value, registries),
  });
  if (name === undefined) return undefined;
  const description = await prompts.input({
    id: 'createRegistry.description',
    title,
    prompt: vscode.l10n.t('What the registry is for (optional)'),
    value: before.description,
    step: 2,
    totalSteps,
  });
  if (description === undefined) return undefined;
  const details = { name: name.trim(), description: description.trim() || undefined };
  if (teams.length === 0) return { ...details, teamIds: [] };
  const chosen = await prompts.pickMany<string>({
    id: 'createRegistry.teams',
    title,
    placeholder: vscode.l10n.t('The teams that can use the registry'),
    step: 3,
    totalSteps,
    choices: teams.map((team) => ({
      label: team.name,
      description: team.slug,
      icon: 'organization',
      value: team.id,
    })),
    ticked: before.teamIds.length === 0 && teams.length === 1 ? teams.map(({ id }) => id) : before.teamIds,
  });
  return chosen && { ...details, teamIds: chosen };
}

function nameProblem(name: string, registries: readonly Registry[]): string | undefined {
  if (nameKey(name) === '') return vscode.l10n.t('The name needs a letter or a digit.');
  const taken = registryOfName(name, registries);
  return taken && vscode.l10n.t('There is a registry “{0}” already.', taken.name);
}

/** The new registry, or why the server refuses it. */
async function create(
  { prompts, registriesView }: Services,
  { session, organization }: OrganizationPlace,
  wanted: NewRegistry,
): Promise<Registry | Failure | undefined> {
  try {
    return await prompts.progress(
      { id: 'createRegistry.create', title: vscode.l10n.t('Creating {0}', wanted.name), cancellable: true },
      async (_report, signal) => session.host.admin?.createRegistry(organization.slug, wanted, signal),
    );
  } catch (error) {
    // It may be there all the same, where the answer was lost or not waited for.
    registriesView.registriesChanged(session, organization.slug);
    if (error instanceof Failure && (error.kind === 'refused' || error.kind === 'conflict')) return error;
    throw error;
  }
}

function refusalSentence(
  { session, organization }: OrganizationPlace,
  { name }: NewRegistry,
  { teams }: Surroundings,
  { message }: Failure,
): string {
  const ecosystem = session.host.admin?.ecosystem?.name;
  const sentence =
    ecosystem === undefined
      ? vscode.l10n.t('The registry “{0}” was not created in {1}. {2}', name, organization.name, message)
      : vscode.l10n.t(
          'The registry “{0}” was not created in {1} with the ecosystem “{2}”. {3}',
          ...[name, organization.name, ecosystem, message],
        );
  if (teams.length > 0 || session.may('listTeams')) return sentence;
  return vscode.l10n.t(
    '{0} If it has to belong to a team, sign in with a token that also has the scope {1}.',
    sentence,
    session.service.signIn.scopeFor('listTeams') ?? '',
  );
}
