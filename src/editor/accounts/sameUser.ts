import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { RegistryHost } from '../../core/hosts/host.ts';
import type { CheckedToken, RegistryService } from '../../core/hosts/service.ts';
import type { HttpClient } from '../../core/http/client.ts';
import type { Prompts } from '../prompts.ts';
import { replacementOf, type Reach, type Replacement } from './replacement.ts';
import type { SessionList } from './sessionList.ts';
import { accountId, belongsTo, type StoredAccount } from './storedAccount.ts';

/** Organizations that are compared; nobody belongs to more than a few. */
const MOST_PAGES = 5;

interface SameUserServices {
  readonly http: HttpClient;
  readonly prompts: Prompts;
  readonly sessions: SessionList;
}

/** A token that was checked, and the service that knows it. */
interface NewToken {
  readonly service: RegistryService;
  readonly checked: CheckedToken;
  /** The id that its account is to have. */
  readonly id: string;
}

/** The accounts of `known` that are of the same user of the same service, at the same addresses. */
export function ofSameUser(
  known: readonly StoredAccount[],
  { service, checked: { user }, id }: NewToken,
): readonly StoredAccount[] {
  return known.filter(
    (account) =>
      account.kind !== 'anonymous' &&
      user !== undefined &&
      account.user === user &&
      belongsTo(account, service) &&
      accountId(account) !== id,
  );
}

/**
 * Which of `others`, accounts of the same user, the new token takes the place of: those that it does everything of, and
 * those of which the person says so. Undefined where they leave: then nothing changes.
 */
export async function replacedAccounts(
  services: SameUserServices,
  others: readonly StoredAccount[],
  added: NewToken,
): Promise<readonly StoredAccount[] | undefined> {
  if (others.length === 0) return [];
  const found = await services.prompts.progress(
    {
      id: 'signIn.compare',
      title: vscode.l10n.t('Signing in to {0}…', added.service.name),
      cancellable: true,
    },
    (_report, signal) => replacements(services, others, added, signal),
  );
  const replaced = [...found].filter(([, { kind }]) => kind === 'replace').map(([account]) => account);
  const doubtful = [...found].filter((one): one is [StoredAccount, Asking] => one[1].kind === 'ask');
  if (doubtful.length === 0) return replaced;
  switch (await askReplacement(services.prompts, doubtful)) {
    case 'replace':
      return [...replaced, ...doubtful.map(([account]) => account)];
    case 'keep':
      return replaced;
    case undefined:
      return undefined;
  }
}

type Asking = Extract<Replacement, { kind: 'ask' }>;

async function replacements(
  { http, sessions }: SameUserServices,
  others: readonly StoredAccount[],
  { service, checked }: NewToken,
  signal: AbortSignal,
): Promise<ReadonlyMap<StoredAccount, Replacement>> {
  const host = service.open(checked.token, checked.scopes, http);
  const [after, ...before] = await Promise.all([
    organizationsOf(host, signal),
    ...others.map((account) => {
      const session = sessions.all.find((one) => one.accountId === accountId(account));
      return session && organizationsOf(session.host, signal);
    }),
  ]);
  const reached: Reach = { scopes: checked.scopes, organizations: after };
  return new Map(
    others.map((account, at) => [
      account,
      replacementOf({ scopes: new Set(account.scopes), organizations: before[at] }, reached),
    ]),
  );
}

/** Undefined where they cannot be listed now. */
async function organizationsOf(
  { listing }: RegistryHost,
  signal: AbortSignal,
): Promise<ReadonlySet<string> | undefined> {
  const slugs = new Set<string>();
  let cursor: string | undefined;
  try {
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const { items, next } = await listing.organizations(cursor, signal);
      for (const { slug } of items) slugs.add(slug);
      if (next === undefined) return slugs;
      cursor = next;
    }
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

async function askReplacement(
  prompts: Prompts,
  doubtful: readonly (readonly [StoredAccount, Asking])[],
): Promise<'replace' | 'keep' | undefined> {
  const labels = doubtful.map(([{ label }]) => label).join(', ');
  const scopes = [...new Set(doubtful.flatMap(([, { lost }]) => lost.scopes))];
  const organizations = [...new Set(doubtful.flatMap(([, { lost }]) => lost.organizations))];
  const left: { to: 'keep' | undefined } = { to: undefined };
  const agreed = await prompts.confirm({
    id: 'signIn.replace',
    message: vscode.l10n.t('Replace the token of {0}?', labels),
    detail: [
      ...(scopes.length > 0
        ? [vscode.l10n.t('The new token lacks these scopes: {0}', scopes.join(', '))]
        : []),
      ...(organizations.length > 0
        ? [vscode.l10n.t('The new token does not reach: {0}', organizations.join(', '))]
        : []),
      vscode.l10n.t('Both tokens belong to the same user.'),
    ].join('\n'),
    action: vscode.l10n.t('Replace'),
    ...(doubtful.every(([, { mayKeep }]) => mayKeep) && {
      others: [{ label: vscode.l10n.t('Keep Both'), run: () => void (left.to = 'keep') }],
    }),
  });
  return agreed ? 'replace' : left.to;
}
