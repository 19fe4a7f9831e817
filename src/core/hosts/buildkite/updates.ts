import * as l10n from '@vscode/l10n';
import { Failure } from '../../failure.ts';
import type { HttpResponse } from '../../http/client.ts';
import type { RegistryAction, RegistryKey } from '../host.ts';
import { registriesUrl, type BuildkiteConnection } from './registries.ts';

/** What says of something to be deleted that it is gone already. */
export const GONE = [404, 410];

/**
 * How a registry is changed: documented is POST, Buildkite's Go client sends PATCH and its Terraform provider, tested against the
 * real API, PUT. A server that knows no such request answers 404 or 405, and the next one is tried.
 */
const UPDATE_METHODS = ['POST', 'PUT', 'PATCH'] as const;

/** Changes the named properties of a registry and leaves the others as they are. Gives the server's answer, the registry. */
export async function updateRegistry(
  connection: BuildkiteConnection,
  action: RegistryAction,
  { organization, slug }: RegistryKey,
  changes: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<HttpResponse> {
  let unknown: unknown;
  for (const method of UPDATE_METHODS) {
    try {
      return await connection.requests.act(action, organization, {
        method,
        url: registriesUrl(connection, organization, slug),
        body: { kind: 'json', value: changes },
        subject: l10n.t('the registry {0}', `${organization}/${slug}`),
        retry: 'idempotent',
        signal,
      });
    } catch (error) {
      if (!(error instanceof Failure) || (error.status !== 404 && error.status !== 405)) throw error;
      unknown ??= error;
    }
  }
  throw unknown;
}
