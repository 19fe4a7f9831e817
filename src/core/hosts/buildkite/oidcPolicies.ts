import * as l10n from '@vscode/l10n';
import { Failure } from '../../failure.ts';
import type { HttpResponse } from '../../http/client.ts';
import type { OidcPolicies, RegistryKey } from '../host.ts';
import { oidcPolicyAnswer } from './answers.ts';
import { registriesUrl, type BuildkiteConnection } from './registries.ts';
import { updateRegistry } from './updates.ts';

/**
 * The policy is a property of its registry, written as a whole:
 * https://buildkite.com/docs/apis/rest-api/package-registries/registries#update-a-registry
 */
export function buildkiteOidcPolicies(connection: BuildkiteConnection): OidcPolicies {
  const read = async (registry: RegistryKey, signal: AbortSignal): Promise<string | undefined> => {
    const { organization, slug } = registry;
    const response = await connection.requests.get(
      registriesUrl(connection, organization, slug),
      l10n.t('the OIDC policy of {0}', `${organization}/${slug}`),
      organization,
      signal,
      'readOidcPolicy',
    );
    return policyIn(response);
  };
  return {
    read,
    async replace(registry, before, policy, signal) {
      const now = await read(registry, signal);
      if (now !== before) {
        throw new Failure(
          'conflict',
          l10n.t(
            'The OIDC policy of {0} was changed meanwhile by somebody else. Look at what is in force now, and apply your change to that.',
            `${registry.organization}/${registry.slug}`,
          ),
        );
      }
      const changes = { oidc_policy: policy ?? null };
      const after = policyIn(await updateRegistry(connection, 'changeOidcPolicy', registry, changes, signal));
      // The answers that the documentation shows have none, whatever was sent.
      return after === undefined && policy !== undefined ? read(registry, signal) : after;
    },
  };
}

function policyIn(response: HttpResponse): string | undefined {
  const policy = response.json(oidcPolicyAnswer).oidc_policy;
  return policy === null || policy?.trim() === '' ? undefined : policy;
}
