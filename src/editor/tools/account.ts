import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { RegistryAction } from '../../core/hosts/host.ts';
import type { Session } from '../accounts/sessions.ts';
import { usableSessions, whenLoaded } from '../accounts/usableSessions.ts';
import type { Services } from '../services.ts';

/** The signed-in accounts. Throws where there is none. */
async function accounts({ sessions }: Pick<Services, 'sessions'>): Promise<readonly Session[]> {
  await whenLoaded(sessions);
  const usable = usableSessions(sessions);
  if (usable.length > 0) return usable;
  throw new Failure('auth', vscode.l10n.t('Nobody is signed in. Run the command “Sign In” first.'));
}

/** The accounts of that label, or all of them. Throws where there is none. */
export async function accountsNamed(
  services: Pick<Services, 'sessions'>,
  label: string | undefined,
): Promise<readonly Session[]> {
  const all = await accounts(services);
  const named = label === undefined ? all : all.filter((session) => session.label === label);
  if (named.length > 0) return named;
  throw new Failure('forbidden', vscode.l10n.t('No such account is signed in: {0}', label ?? ''));
}

/** The account of that label that may do `action`, or the only one. Throws where there is none, or more than one. */
export async function accountFor(
  services: Pick<Services, 'sessions'>,
  label: string | undefined,
  action: RegistryAction | undefined,
): Promise<Session> {
  const named = await accountsNamed(services, label);
  const able = action === undefined ? named : named.filter((session) => session.may(action));
  const [only, ...others] = able;
  if (only && others.length === 0) return only;
  if (only) {
    throw new Failure(
      'refused',
      vscode.l10n.t(
        'Several accounts are signed in. Name one of them: {0}',
        able.map((session) => session.label).join(', '),
      ),
    );
  }
  throw new Failure(
    'forbidden',
    vscode.l10n.t('The access token of {0} does not allow that.', named.map((one) => one.label).join(', ')),
  );
}
