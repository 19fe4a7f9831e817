import * as l10n from '@vscode/l10n';
import type { AccessToken } from '../accessToken.ts';
import type { HttpClient } from '../http/client.ts';

/** One model behind a Hub endpoint, and the way there: what every call of the protocol begins with. */
export interface HubConnection {
  /** What `HF_ENDPOINT` would hold. */
  readonly endpoint: URL;
  /** Goes to the endpoint's own origin only. */
  readonly token: AccessToken;
  /** `namespace/name`, or `name` where the service has one-segment ids. */
  readonly model: string;
  readonly http: HttpClient;
  /** Who may read the model where it is created; as the server has it by itself where absent. */
  readonly newModels?: 'private' | 'public';
}

/** @param target Whatever else it holds stays behind. */
export function connectionTo(
  { endpoint, token, newModels }: Pick<HubConnection, 'endpoint' | 'token' | 'newModels'>,
  model: string,
  http: HttpClient,
): HubConnection {
  return { endpoint, token, model, http, ...(newModels && { newModels }) };
}

/** Files of one `preupload` call and objects of one `batch` call, at most: what every client and server keeps to. */
export const MAX_PER_CALL = 256;
/** The largest list that is taken in one answer, in bytes: some servers send all files in one. */
export const MAX_LIST_BYTES = 32 * 1024 * 1024;
/** Statuses of a server that does not know a call. */
export const UNKNOWN_CALL = [404, 405, 410, 501];

/** The model as it stands in a failure's sentence. */
export function subjectOfModel({ model, endpoint }: HubConnection): string {
  return l10n.t('the model “{0}” on {1}', model, endpoint.host);
}

/** A file of the model as it stands in a failure's sentence. */
export function subjectOfFile({ model, endpoint }: HubConnection, path: string): string {
  return l10n.t('the file “{0}” of the model “{1}” on {2}', path, model, endpoint.host);
}
