import * as l10n from '@vscode/l10n';
import type { AccessToken } from '../../accessToken.ts';
import { Failure } from '../../failure.ts';
import type { HttpClient, HttpResponse } from '../../http/client.ts';
import { headerText } from '../../http/headerText.ts';
import { BROWSING } from '../../http/patience.ts';
import { MAX_LIST_BYTES } from '../../hub/connection.ts';
import { endpointUrl, isBelow } from '../addresses.ts';
import { HUBS_SETTING } from './descriptors.ts';
import { RateWindow } from './rateWindow.ts';

interface HubRequestsOptions {
  readonly endpoint: URL;
  /** Without a value for those who did not sign in. */
  readonly token: AccessToken;
  readonly http: HttpClient;
  /** Milliseconds that an answer may take before a person is told that it did not come. Default 30,000. */
  readonly deadlineMs?: number;
}

/** A question to a Hub. */
interface HubQuestion {
  readonly url: URL;
  /** What it is about, localised, as it stands in a sentence. */
  readonly subject: string;
  /** The id of the model that it is about. */
  readonly model?: string;
  /** Statuses besides 2xx that are an answer. */
  readonly accept?: readonly number[];
}

/** Questions of one token to a Hub, any number at once, which count against the same limits. */
export class HubRequests {
  readonly #options: HubRequestsOptions;
  readonly #window = new RateWindow();

  constructor(options: HubRequestsOptions) {
    this.#options = options;
  }

  /**
   * Throws a `Failure`: `rateLimit` with `retryAt` where the limits leave no request for browsing; `forbidden` for a
   * gated model, which says where one asks for access.
   */
  async get({ url, subject, model, accept }: HubQuestion, signal: AbortSignal): Promise<HttpResponse> {
    const { endpoint, token, http, deadlineMs = 30_000 } = this.#options;
    const { opensAt } = this.#window;
    if (opensAt) throw noRequestLeft(subject, endpoint, opensAt);
    let code: string | undefined;
    try {
      const response = await http.send({
        ...BROWSING,
        method: 'GET',
        url,
        token,
        subject,
        retry: 'idempotent',
        accept,
        maxResponseBytes: MAX_LIST_BYTES,
        deadlineMs,
        onHeaders: (headers) => {
          code = headerText(headers, 'x-error-code');
          this.#window.observe(headers);
        },
        signal,
      });
      return fromThere(response, endpoint, subject);
    } catch (error) {
      const isGated = error instanceof Failure && code === 'GatedRepo' && model !== undefined;
      throw isGated ? gated(model, endpoint, error) : error;
    }
  }
}

/** The page of a model, for people. */
export function modelPage(endpoint: URL, model: string, ...more: readonly string[]): URL {
  return endpointUrl(endpoint, ...model.split('/'), ...more);
}

function gated(model: string, endpoint: URL, cause: Failure): Failure {
  const { status, serverMessage, requestId } = cause;
  return new Failure(
    'forbidden',
    l10n.t(
      'The model “{0}” is gated: its owners decide who may read it. Sign in and ask for access at {1}, then try again.',
      model,
      modelPage(endpoint, model).href,
    ),
    { status, serverMessage, requestId, cause },
  );
}

/**
 * An answer of the Hub itself. Throws a `protocol` failure where a redirect led elsewhere, as to a page for signing in.
 */
export function fromThere(response: HttpResponse, endpoint: URL, subject: string): HttpResponse {
  if (isBelow(response.url, endpoint)) return response;
  throw new Failure(
    'protocol',
    l10n.t(
      '{1} leads elsewhere for {0}, to {2}, which is not followed. Check the setting {3}.',
      subject,
      endpoint.host,
      response.url.host,
      HUBS_SETTING,
    ),
  );
}

function noRequestLeft(subject: string, { host }: URL, retryAt: Date): Failure {
  const retryAfterMs = Math.max(0, retryAt.getTime() - Date.now());
  return new Failure(
    'rateLimit',
    l10n.t(
      'The requests that {1} takes for now are nearly used up, so the request about {0} has to wait. Try again in {2} seconds.',
      subject,
      host,
      Math.ceil(retryAfterMs / 1000),
    ),
    { retryAfterMs, retryAt },
  );
}
