import type { AccessToken } from '../../core/accessToken.ts';
import { Failure } from '../../core/failure.ts';
import type { HttpClient, HttpRequest } from '../../core/http/client.ts';

/**
 * What a refusal tells of an account. `revoked`: the service itself does not take the token. `doubtful`: a part of
 * it does not, which may be for want of access to one registry alone, so the service has to be asked. `notPermitted`: the
 * token may not do what was asked.
 */
export type RefusalMeaning = 'revoked' | 'doubtful' | 'notPermitted';

/** @param isVerdict Whether a 401 says of that place that the service does not take the token any more. */
export function meaningOf({ kind }: Failure, isVerdict: boolean): RefusalMeaning | undefined {
  if (kind === 'forbidden') return 'notPermitted';
  if (kind !== 'auth') return undefined;
  return isVerdict ? 'revoked' : 'doubtful';
}

/** `http`, telling of every token that a server refused (401) or that may not do what was asked (403), wherever it was used. */
export function watchRefusals(
  http: HttpClient,
  onRefusal: (token: AccessToken, url: URL, failure: Failure) => void,
): HttpClient {
  const watched = async <T>(
    { token, url }: Pick<HttpRequest, 'token' | 'url'>,
    exchange: Promise<T>,
  ): Promise<T> => {
    try {
      return await exchange;
    } catch (error) {
      const refused = error instanceof Failure && (error.kind === 'auth' || error.kind === 'forbidden');
      if (refused && token) onRefusal(token, url, error);
      throw error;
    }
  };
  return {
    send: (request) => watched(request, http.send(request)),
    receive: (request) => watched(request, http.receive(request)),
    dispose: () => http.dispose(),
  };
}
