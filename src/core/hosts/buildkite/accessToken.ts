import * as l10n from '@vscode/l10n';
import { AccessToken } from '../../accessToken.ts';
import { Failure } from '../../failure.ts';
import type { HttpClient } from '../../http/client.ts';
import { checkedNow, pastedToken, unknownToken } from '../pastedToken.ts';
import type { CheckedToken } from '../service.ts';
import { endpointUrl } from '../addresses.ts';
import type { BuildkiteEndpoints } from './addresses.ts';
import { accessTokenAnswer } from './answers.ts';
import { missingScopes } from './scopes.ts';
import { API_TOKEN, BUILDKITE_TOKEN_BEGINNING, REGISTRY_TOKEN } from './tokenForms.ts';

const KNOWN_TOKEN = new RegExp(`^${BUILDKITE_TOKEN_BEGINNING}`);

/**
 * Checks a pasted token with the server. Throws a `Failure`: `auth` for what is no token, unknown or expired, `forbidden` where
 * required scopes are missing, and what the HTTP client says where the server cannot be asked. None of them holds the token.
 */
export async function checkAccessToken(
  endpoints: Pick<BuildkiteEndpoints, 'apiUrl' | 'packagesUrl'>,
  text: string,
  http: HttpClient,
  signal: AbortSignal,
): Promise<CheckedToken> {
  const token = new AccessToken(tokenText(text), [endpoints.apiUrl, endpoints.packagesUrl]);
  const checked = await readAccessToken(endpoints, token, http, signal);
  const missing = missingScopes(checked.scopes);
  if (missing.length > 0) {
    throw new Failure(
      'forbidden',
      l10n.t(
        'This token lacks the scopes {0}. Add them on its page, or create a new one.',
        missing.join(', '),
      ),
    );
  }
  return checked;
}

/**
 * What the server knows of a token now, whatever it may do. Throws as {@link checkAccessToken} does, except for missing scopes.
 */
export async function readAccessToken(
  { apiUrl }: Pick<BuildkiteEndpoints, 'apiUrl'>,
  token: AccessToken,
  http: HttpClient,
  signal: AbortSignal,
): Promise<CheckedToken> {
  const answer = await ask(apiUrl, token, http, signal);
  const { uuid, description, scopes, user, expires_at: expiresAt } = answer;
  return checkedNow({
    token,
    id: uuid,
    description,
    scopes: new Set(scopes),
    user: user?.email ?? user?.name,
    expiresAt,
  });
}

/** What a person pasted, without what came along with it. Throws an `auth` failure for what cannot be an API access token. */
export function tokenText(pasted: string): string {
  const text = pastedToken(pasted);
  const form = text.toLowerCase();
  if (form.startsWith(REGISTRY_TOKEN)) {
    throw new Failure(
      'auth',
      l10n.t(
        'This is a registry token. It reads the models of one registry, with hf and other clients that take it from HF_TOKEN, and cannot browse. To sign in, paste an API access token, which begins with {0}.',
        API_TOKEN,
      ),
    );
  }
  if (KNOWN_TOKEN.test(form) && !form.startsWith(API_TOKEN)) {
    throw new Failure(
      'auth',
      l10n.t(
        'This token is for another purpose. Paste an API access token, which begins with {0}.',
        API_TOKEN,
      ),
    );
  }
  return text;
}

async function ask(apiUrl: URL, token: AccessToken, http: HttpClient, signal: AbortSignal) {
  try {
    const response = await http.send({
      method: 'GET',
      url: endpointUrl(apiUrl, 'access-token'),
      token,
      subject: l10n.t('the check of the access token'),
      retry: 'idempotent',
      // A person waits in front of the box.
      retries: 1,
      longestAskedMs: 0,
      signal,
    });
    return response.json(accessTokenAnswer);
  } catch (error) {
    if (error instanceof Failure && error.kind === 'auth') throw unknownToken(apiUrl, error);
    if (error instanceof Failure && error.kind === 'notFound') {
      throw new Failure(
        'notFound',
        l10n.t(
          "Buildkite's API is not at {0}. Check the setting {1}.",
          apiUrl.href,
          'modelRegistries.apiUrl',
        ),
        error,
      );
    }
    throw error;
  }
}
