import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import type { AccessToken } from '../core/accessToken.ts';
import { Failure } from '../core/failure.ts';
import { endpointUrl } from '../core/hosts/addresses.ts';
import type { HttpClient } from '../core/http/client.ts';
import { UNKNOWN_CALL } from '../core/hub/connection.ts';

/** `unchecked`: the hub offers no way to ask. */
export type TokenCheck =
  | { readonly kind: 'known'; readonly name: string | undefined }
  | { readonly kind: 'unchecked' };

/** As far as we use it: https://huggingface.co/docs/hub/api#get-apiwhoami-v2 */
const whoAmIAnswer = z.object({ name: z.catch(z.optional(z.string()), undefined) });

/** A token that only reads may not ask: the hub knows it, and tells no more. */
const NOT_TOLD: readonly number[] = [...UNKNOWN_CALL, 403];

/** Asks the hub whose token it is. Throws a `Failure`, `auth` for one that it does not accept. */
export async function checkToken(
  hub: URL,
  token: AccessToken,
  http: HttpClient,
  signal: AbortSignal,
): Promise<TokenCheck> {
  const answer = await http.send({
    method: 'GET',
    url: endpointUrl(hub, 'api', 'whoami-v2'),
    token,
    subject: l10n.t('the check of the access token'),
    retry: 'idempotent',
    // A person waits for it.
    retries: 1,
    accept: NOT_TOLD,
    signal,
  });
  if (NOT_TOLD.includes(answer.status)) return { kind: 'unchecked' };
  try {
    return { kind: 'known', name: answer.json(whoAmIAnswer).name };
  } catch (error) {
    // Something answers there, a page perhaps, that is no answer to this.
    if (error instanceof Failure && error.kind === 'protocol') return { kind: 'unchecked' };
    throw error;
  }
}
