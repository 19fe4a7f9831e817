import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { ReadToken } from '../../core/hosts/host.ts';
import { notPermitted, sessionsFor } from '../accounts/usableSessions.ts';
import type { RegistryPlace } from '../places.ts';
import type { Choice } from '../prompts.ts';
import { pickRegistry } from '../registries/registryPick.ts';
import { relativeTime } from '../relativeTime.ts';
import type { Services } from '../services.ts';
import { sayInStatusBar } from '../statusBar.ts';
import { joined, registryName } from '../wording.ts';
import { createReadToken } from './createReadToken.ts';

type TokensServices = Pick<Services, 'prompts' | 'sessions' | 'log' | 'registriesView'>;

type Chosen = { readonly kind: 'create' } | { readonly kind: 'token'; readonly token: ReadToken };

/** From the palette: a registry whose read tokens may be listed. Undefined where the person would rather not. */
export async function askRegistry(services: TokensServices): Promise<RegistryPlace | undefined> {
  const sessions = await sessionsFor(
    services,
    vscode.l10n.t('Sign in to see the read tokens of a registry.'),
  );
  if (!sessions) return undefined;
  const able = sessions.filter((session) => session.may('listReadTokens'));
  if (able.length === 0) throw mayNotList(sessions);
  return pickRegistry(services, able, {
    id: 'readTokens.registry',
    title: vscode.l10n.t('Read Tokens'),
    placeholder: vscode.l10n.t('The registry that the tokens read'),
  });
}

/** Lists the read tokens of a registry: one is created, or one is revoked once that was confirmed. */
export async function showReadTokens(services: TokensServices, place: RegistryPlace): Promise<void> {
  const { session, registry } = place;
  const { readTokens } = session.host;
  if (!readTokens || !session.may('listReadTokens')) throw mayNotList([session]);
  if (registry.public === true) {
    throw new Failure(
      'refused',
      vscode.l10n.t('Everyone can read {0}, so it needs no read tokens.', registryName(registry)),
    );
  }
  const chosen = await services.prompts.pick<Chosen>({
    id: 'readTokens',
    title: vscode.l10n.t('Read Tokens of {0}', registry.name),
    placeholder: vscode.l10n.t('Choose a token to revoke it'),
    choices: async (signal) => choicesOf(place, await readTokens.list(registry, signal)),
  });
  if (chosen?.kind === 'create') await createReadToken(services, session, registry);
  if (chosen?.kind === 'token') await revoke(services, place, chosen.token);
}

function choicesOf(
  { session, registry }: RegistryPlace,
  tokens: readonly ReadToken[],
): readonly Choice<Chosen>[] {
  const mayChange = session.may('changeReadTokens');
  if (!mayChange && tokens.length === 0) {
    throw new Failure(
      'notFound',
      vscode.l10n.t(
        '{0} has no read tokens. Creating one takes an access token with the scope {1}.',
        registryName(registry),
        session.service.signIn.scopeFor('changeReadTokens') ?? '',
      ),
    );
  }
  const create: Choice<Chosen> = {
    label: vscode.l10n.t('Create a Read Token…'),
    detail: vscode.l10n.t('For a colleague or a machine that only installs from this registry'),
    icon: 'add',
    value: { kind: 'create' },
  };
  const now = new Date();
  return [
    ...(mayChange ? [create] : []),
    ...tokens.map((token): Choice<Chosen> => ({
      label: token.description || token.id,
      description: joined(
        token.createdAt && relativeTime(token.createdAt, now, vscode.env.language),
        token.createdBy,
      ),
      icon: 'key',
      group: vscode.l10n.t('Tokens that read this registry'),
      value: { kind: 'token', token },
    })),
  ];
}

async function revoke(
  { prompts }: TokensServices,
  { session, registry }: RegistryPlace,
  token: ReadToken,
): Promise<void> {
  if (!session.may('changeReadTokens')) {
    throw notPermitted([session], ['changeReadTokens'], (accounts, scopes) =>
      vscode.l10n.t(
        'The access token of {0} may not revoke read tokens. That takes one with the scope {1}.',
        accounts,
        scopes,
      ),
    );
  }
  const name = token.description || token.id;
  const agreed = await prompts.confirm({
    id: 'readTokens.revoke',
    message: vscode.l10n.t('Revoke the read token “{0}”?', name),
    detail: vscode.l10n.t(
      'Whoever uses it can no longer read {0}. This cannot be undone.',
      registryName(registry),
    ),
    action: vscode.l10n.t('Revoke'),
    default: 'cancel',
    severity: 'warning',
  });
  if (!agreed) return;
  await prompts.progress(
    { id: 'readTokens.revoking', title: vscode.l10n.t('Revoking {0}', name), cancellable: false },
    async (_report, signal) => session.host.readTokens?.revoke(registry, token, signal),
  );
  sayInStatusBar(vscode.l10n.t('Revoked {0}', name), 5000);
}

function mayNotList(sessions: Parameters<typeof notPermitted>[0]): Failure {
  return notPermitted(sessions, ['listReadTokens'], (accounts, scopes) =>
    vscode.l10n.t(
      'The access token of {0} may not list read tokens. That takes one with the scope {1}.',
      accounts,
      scopes,
    ),
  );
}
