import type { AccessToken } from '../../core/accessToken.ts';
import { Failure } from '../../core/failure.ts';
import type { HttpClient, HttpRequest } from '../../core/http/client.ts';

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
