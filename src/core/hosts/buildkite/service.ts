import * as l10n from '@vscode/l10n';
import { addressSetting } from '../addressSetting.ts';
import type { ExtensionLender, RegistryService, ServiceSurroundings, SignIn } from '../service.ts';
import { checkAccessToken, readAccessToken } from './accessToken.ts';
import { isBelow } from '../addresses.ts';
import type { BuildkiteEndpoints } from './addresses.ts';
import { bkLender } from './bkLender.ts';
import { createBuildkiteHost } from './host.ts';
import { ACTION_SCOPES, missingScopes } from './scopes.ts';
import { readTokenPageUrl, tokenPageUrl } from './tokenPage.ts';

/** Buildkite, at the addresses of the settings `apiUrl`, `packagesUrl` and `webUrl`. */
export function buildkiteServices(surroundings: ServiceSurroundings): readonly RegistryService[] {
  const endpoints = {
    apiUrl: addressSetting(surroundings, 'apiUrl'),
    packagesUrl: addressSetting(surroundings, 'packagesUrl'),
    webUrl: addressSetting(surroundings, 'webUrl'),
  };
  const { apiUrl, packagesUrl, webUrl } = endpoints;
  return [
    {
      kind: 'buildkite',
      id: apiUrl.origin,
      name: 'Buildkite',
      endpoints: [apiUrl, packagesUrl],
      webUrl,
      settings: JSON.stringify([apiUrl, packagesUrl, webUrl]),
      words: {
        noOrganization: l10n.t('The token belongs to no organization'),
        noRegistry: l10n.t('No Hugging Face registries'),
        wayToRegistry: l10n.t(
          'There is no Hugging Face registry in your organizations. Create one on the web site of Buildkite, with the ecosystem Hugging Face.',
        ),
        // Its address is made when somebody asks: every window makes the service.
        get wayToReadToken() {
          return l10n.t(
            'Make an API access token with the scope Read Packages at {0}, or ask who manages the registry for one of its registry tokens, which read this registry and nothing else.',
            readTokenPageUrl(endpoints.webUrl).href,
          );
        },
      },
      signIn: signInTo(endpoints, surroundings),
      buildInstructions: async () => (await import('./buildInstructions.ts')).buildInstructions,
      policyLanguage: async () => (await import('./oidcLanguage.ts')).oidcLanguage,
      open: (token, scopes, http) =>
        createBuildkiteHost({
          ...endpoints,
          token,
          scopes,
          ecosystem: () => ecosystemOf(surroundings),
          http,
        }),
    },
  ];
}

function signInTo(endpoints: BuildkiteEndpoints, surroundings: ServiceSurroundings): SignIn {
  const { apiUrl, webUrl } = endpoints;
  return {
    prompt: l10n.t('Paste an API access token.'),
    placeholder: 'bkua_…',
    tokenPage: (actions) => tokenPageUrl(webUrl, actions),
    scopeFor: (action) => ACTION_SCOPES[action],
    isUsable: (scopes) => missingScopes(scopes).length === 0,
    check: (text, http, signal) => checkAccessToken(endpoints, text, http, signal),
    read: (token, http, signal) => readAccessToken(endpoints, token, http, signal),
    isVerdict: (url) => isBelow(url, apiUrl),
    lenders: [extensionLender(), bkLender(surroundings)],
  };
}

/** Buildkite's own extension, which signs in with a browser: https://github.com/buildkite/vscode-buildkite */
function extensionLender(): ExtensionLender {
  const name = l10n.t('Buildkite’s extension');
  return {
    kind: 'extension',
    id: 'extension',
    extensionId: 'buildkite.buildkite-vscode',
    providerId: 'buildkite',
    offer: l10n.t('Use the session of Buildkite’s extension'),
    icon: 'extensions',
    nameOf: () => name,
    afterwards: l10n.t('Buildkite’s extension stays signed in.'),
    refusal: l10n.t(
      'Buildkite’s extension did not lend its session. Sign in to it anew, or paste an access token.',
    ),
  };
}

function ecosystemOf({ setting }: ServiceSurroundings): string {
  const named = setting('ecosystem');
  return typeof named === 'string' && named.trim() !== '' ? named.trim() : 'huggingface';
}
