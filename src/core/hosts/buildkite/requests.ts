import * as l10n from '@vscode/l10n';
import type { AccessToken } from '../../accessToken.ts';
import { Failure } from '../../failure.ts';
import type { HttpClient, HttpRequest, HttpResponse } from '../../http/client.ts';
import { BROWSING } from '../../http/patience.ts';
import type { RegistryAction } from '../host.ts';
import { endpointUrl, isBelow } from '../addresses.ts';
import { createRequestWindows } from './requestWindows.ts';
import { ACTION_SCOPES } from './scopes.ts';

interface BuildkiteRequestsOptions {
  /** The site for people. */
  readonly webUrl: URL;
  readonly token: AccessToken;
  readonly http: HttpClient;
  /** Milliseconds that a page of a list may take before a person is told that it did not come. Default 30,000. */
  readonly deadlineMs?: number;
}

/** Requests of one token to Buildkite's REST API, which count against the same limits. */
export interface BuildkiteRequests {
  /**
   * Reads. Fails at once where Buildkite's limits leave no request for browsing; `retryAt` tells when they do. A refusal for want of
   * permission names the scope of `action`, where it is for one.
   *
   * @param organization Slug; undefined where the request names none.
   */
  readonly get: (
    url: URL,
    subject: string,
    organization: string | undefined,
    signal: AbortSignal,
    action?: RegistryAction,
  ) => Promise<HttpResponse>;
  /** Something that changes what is there: it waits for the limits like any other, but may use what browsing has to leave. */
  readonly act: (
    action: RegistryAction,
    organization: string,
    request: Omit<HttpRequest, 'token'>,
  ) => Promise<HttpResponse>;
  /** The site's own page for something, as the server gives it; only where it is a page of that site, else the one at `path`. */
  readonly webPage: (given: string | undefined, ...path: readonly string[]) => URL;
}

export function createBuildkiteRequests(options: BuildkiteRequestsOptions): BuildkiteRequests {
  const { webUrl, token, http, deadlineMs = 30_000 } = options;
  const windows = createRequestWindows();

  async function send(
    organization: string | undefined,
    request: Omit<HttpRequest, 'token'>,
  ): Promise<HttpResponse> {
    try {
      return await http.send({
        ...request,
        token,
        onHeaders: (headers) => windows.observe(organization, headers),
      });
    } catch (error) {
      if (error instanceof Failure && error.kind === 'rateLimit' && error.retryAt) {
        windows.refused(organization, error.retryAt);
      }
      throw error;
    }
  }

  async function sendFor(
    action: RegistryAction,
    organization: string | undefined,
    request: Omit<HttpRequest, 'token'>,
  ): Promise<HttpResponse> {
    try {
      return await send(organization, request);
    } catch (error) {
      if (error instanceof Failure && error.kind === 'forbidden') throw notPermitted(action, request, error);
      throw error;
    }
  }

  return {
    async get(url, subject, organization, signal, action) {
      const opensAt = windows.claim(organization);
      if (opensAt) throw noRequestLeft(subject, url, opensAt);
      const request: Omit<HttpRequest, 'token'> = {
        ...BROWSING,
        method: 'GET',
        url,
        subject,
        retry: 'idempotent',
        deadlineMs,
        signal,
      };
      return action ? sendFor(action, organization, request) : send(organization, request);
    },
    act: (action, organization, request) => sendFor(action, organization, { retries: 2, ...request }),
    webPage(given, ...path) {
      const url = given !== undefined && URL.canParse(given) ? new URL(given) : undefined;
      return url && isBelow(url, webUrl) ? url : endpointUrl(webUrl, ...path);
    },
  };
}

function notPermitted(
  action: RegistryAction,
  { subject, url }: { subject: string; url: URL },
  refusal: Failure,
) {
  const { status, serverMessage, requestId } = refusal;
  const sentence = l10n.t(
    '{1} does not permit this for {0}. It takes an access token with the scope {2}, and a team that may do it.',
    subject,
    url.host,
    ACTION_SCOPES[action],
  );
  return new Failure(
    'forbidden',
    serverMessage ? l10n.t('{0} The server says: {1}', sentence, serverMessage) : sentence,
    { status, serverMessage, requestId, cause: refusal },
  );
}

function noRequestLeft(subject: string, { host }: URL, retryAt: Date): Failure {
  const retryAfterMs = Math.max(0, retryAt.getTime() - Date.now());
  return new Failure(
    'rateLimit',
    l10n.t(
      'The requests that {1} takes in a minute are nearly used up, so the request about {0} has to wait. Try again in {2} seconds.',
      subject,
      host,
      Math.ceil(retryAfterMs / 1000),
    ),
    { retryAfterMs, retryAt },
  );
}
