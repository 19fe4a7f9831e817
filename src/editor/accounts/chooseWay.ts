import * as vscode from 'vscode';
import type { Login, RegistryService } from '../../core/hosts/service.ts';
import type { Choice } from '../prompts.ts';
import type { Services } from '../services.ts';
import type { LentLogins } from './lentLogins.ts';
import type { SessionList } from './sessionList.ts';
import type { Session } from './sessions.ts';
import { waysAsTheyCome, type Way } from './waysAsTheyCome.ts';

/** What is known of a sign-in before anything is asked. */
export interface SignInStart {
  /** A session that the new one takes the place of, once it is there. */
  readonly replaced?: Session | undefined;
  /** Only services of that kind are offered. */
  readonly kind?: string | undefined;
}

interface WayServices extends Pick<Services, 'prompts' | 'registryServices'> {
  readonly sessions: SessionList;
  readonly logins: Pick<LentLogins, 'offered'>;
}

/**
 * Asks only where there is more than one way: of the service of the session that is replaced, or of any. The box is there
 * at once: other programs may take seconds to say whether they lend a login.
 */
export async function chooseWay(
  services: WayServices,
  { replaced, kind }: SignInStart,
): Promise<Way | undefined> {
  const { prompts, sessions } = services;
  const { all, failures } = services.registryServices;
  const among = replaced
    ? [replaced.service]
    : all.filter((service) => kind === undefined || service.kind === kind);
  if (among.length === 0 && failures[0]) throw failures[0];
  for (const { message } of failures)
    void prompts.notify({ id: 'signIn.setting', severity: 'error', message });
  const ways = among.flatMap((service) => waysTo(service, services));
  const before = replaced && sessions.accountOf(replaced);
  const wasLentBy = before?.kind === 'lent' ? before.lender : undefined;
  return prompts.pick<Way>({
    id: 'signIn.way',
    title: among.length === 1 ? titleOf(among[0]) : vscode.l10n.t('Sign In'),
    placeholder: vscode.l10n.t('How to sign in'),
    choices: {
      async *lists() {
        for await (const known of waysAsTheyCome(ways))
          yield known.map(({ way, logins }) => choiceOf(way, logins, among.length > 1));
      },
    },
    active: before && ways.find((way) => (way.kind === 'lent' ? way.lender.id : undefined) === wasLentBy),
  });
}

/** Those that there may be, in the order in which they are shown. */
function waysTo(service: RegistryService, { logins }: WayServices): readonly Way[] {
  return [
    { kind: 'token', service },
    ...service.signIn.lenders.map((lender): Way => ({
      kind: 'lent',
      service,
      lender,
      logins: logins.offered(lender),
    })),
    ...(service.anonymous === true ? [{ kind: 'anonymous' as const, service }] : []),
  ];
}

function choiceOf(way: Way, logins: readonly Login[], nameService: boolean): Choice<Way> {
  const group = nameService ? way.service.name : undefined;
  // What is typed is looked for in it, and not in the name of a group.
  const ofService = { description: group, group, value: way };
  if (way.kind === 'token') {
    return { label: vscode.l10n.t('Paste an access token'), icon: 'key', ...ofService };
  }
  if (way.kind === 'anonymous') {
    return { label: vscode.l10n.t('Browse without an account'), icon: 'eye', ...ofService };
  }
  const { lender } = way;
  const description = logins.map(({ name }) => name).join(', ');
  return { label: lender.offer, description, icon: lender.icon, group, value: way };
}

/** The title of the boxes of a sign-in. */
export function titleOf(service: RegistryService | undefined): string {
  return vscode.l10n.t('Sign in to {0}', service?.name ?? '');
}
