import * as l10n from '@vscode/l10n';
import { AccessToken } from '../../accessToken.ts';
import { Failure } from '../../failure.ts';
import type { HttpResponse } from '../../http/client.ts';
import type { ReadToken, ReadTokens, RegistryKey } from '../host.ts';
import { allPages } from '../page.ts';
import { newReadTokenAnswer, readTokensAnswer, type ReadTokenAnswer } from './answers.ts';
import { listPage } from './lists.ts';
import { registriesUrl, type BuildkiteConnection } from './registries.ts';
import { GONE } from './updates.ts';

/**
 * Registry tokens: https://buildkite.com/docs/apis/rest-api/package-registries/registry-tokens
 *
 * @param packagesUrl The only place that a new token may go to.
 */
export function buildkiteReadTokens(connection: BuildkiteConnection, packagesUrl: URL): ReadTokens {
  const { act } = connection.requests;
  const tokensUrl = ({ organization, slug }: RegistryKey, ...more: readonly string[]) =>
    registriesUrl(connection, organization, slug, 'tokens', ...more);

  return {
    list: (registry, signal) =>
      allPages(async (cursor) => {
        const { organization } = registry;
        const { items, next } = await listPage(
          connection,
          {
            first: tokensUrl(registry),
            subject: l10n.t('the read tokens of {0}', nameOf(registry)),
            organization,
            action: 'listReadTokens',
            // Documented as one list without pages; a `Link` is followed all the same.
            read: (response) => ({ entries: response.json(readTokensAnswer), next: response.nextLink() }),
          },
          cursor,
          signal,
        );
        return { items: items.map(asReadToken), next };
      }),

    async create(registry, description, signal) {
      const response = await act('changeReadTokens', registry.organization, {
        method: 'POST',
        url: tokensUrl(registry),
        body: { kind: 'json', value: { description } },
        subject: l10n.t('the new read token of {0}', nameOf(registry)),
        retry: 'never',
        // A person waits, who is better told when to come back.
        longestAskedMs: 0,
        signal,
      });
      const answer = created(response, registry);
      return { ...asReadToken(answer), value: new AccessToken(answer.token, [packagesUrl]) };
    },

    async revoke(registry, token, signal) {
      await act('changeReadTokens', registry.organization, {
        method: 'DELETE',
        url: tokensUrl(registry, token.id),
        subject: l10n.t('the read token “{0}” of {1}', token.description, nameOf(registry)),
        retry: 'idempotent',
        accept: GONE,
        signal,
      });
    },
  };
}

/** What the answer to a creation tells. An answer that makes no sense is repeated in no error: it may hold the token. */
function created(response: HttpResponse, registry: RegistryKey) {
  try {
    return response.json(newReadTokenAnswer);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure(
      'protocol',
      l10n.t(
        'A read token of {0} was created, but the answer of {1} does not hold it. Copy it on the page of the registry, under Settings and Tokens, or revoke it.',
        nameOf(registry),
        response.url.host,
      ),
      { status: response.status },
    );
  }
}

function asReadToken({ id, description = '', created_at, created_by }: ReadTokenAnswer): ReadToken {
  return { id, description, createdAt: created_at, createdBy: created_by?.name ?? created_by?.email };
}

function nameOf({ organization, slug }: RegistryKey): string {
  return `${organization}/${slug}`;
}
