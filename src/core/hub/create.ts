import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';
import { addressesOf } from './addresses.ts';
import { subjectOfModel, UNKNOWN_CALL, type HubConnection } from './connection.ts';
import { readInfo } from './head.ts';

/** `refused` is no failure yet: the server may make a model when it is first written to. */
export type Creation =
  | { readonly kind: 'created' | 'exists' }
  | { readonly kind: 'refused'; readonly failure: Failure };

/**
 * `POST /api/repos/create`.
 *
 * @throws Failure, and the signal's reason when aborted.
 */
export async function createModel(hub: HubConnection, signal: AbortSignal): Promise<Creation> {
  const { endpoint, token, model, http, newModels } = hub;
  const addresses = addressesOf(endpoint, model);
  const [name, namespace] = model.split('/').reverse();
  try {
    const { status } = await http.send({
      method: 'POST',
      url: addresses.create(),
      token,
      subject: subjectOfModel(hub),
      body: {
        kind: 'json',
        value: {
          ...{ name, organization: namespace ?? null, type: 'model' },
          ...(newModels && { private: newModels === 'private' }),
        },
      },
      // Creating twice is harmless: the second answer is 409.
      retry: 'idempotent',
      accept: [409],
      signal,
    });
    return { kind: status === 409 ? 'exists' : 'created' };
  } catch (error) {
    if (!(error instanceof Failure) || error.status === undefined) throw error;
    if (UNKNOWN_CALL.includes(error.status)) return { kind: 'refused', failure: noHubAt(endpoint, error) };
    if (![401, 402, 403].includes(error.status)) throw error;
    // A token that may write to a model but not make one: what counts is whether the model is there.
    const { status } = await readInfo(hub, addresses.model(), signal);
    if (status !== 404) return { kind: 'exists' };
    if (error.kind !== 'forbidden') throw error;
    return { kind: 'refused', failure: error };
  }
}

function noHubAt(endpoint: URL, cause: Failure): Failure {
  return new Failure(
    'notFound',
    l10n.t(
      'There is no registry for Hugging Face models at {0}, or this access token may not see it.',
      endpoint.host + endpoint.pathname,
    ),
    cause.origin,
  );
}
