import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { BROWSING } from '../http/patience.ts';
import { UNKNOWN_CALL, type HubConnection } from './connection.ts';

/** A model that a hub lists for a text. */
interface ListedId {
  /** As the hub spells it. */
  readonly id: string;
  /** Whether its owners decide who may read it, as far as the list tells. */
  readonly isGated: boolean;
}

const MOST_LISTED = 30;

const listed = z.object({
  id: z.string().check(z.minLength(1), z.maxLength(200)),
  gated: z.catch(z.nullish(z.union([z.boolean(), z.string()])), undefined),
});

/**
 * Some models whose ids hold `text`, those first that the hub puts first: `GET /api/models?search=`
 * (https://huggingface.co/docs/hub/api). undefined where it lists none.
 *
 * @throws Failure, and the signal's reason when aborted.
 */
export async function searchModels(
  { endpoint, token, http }: Omit<HubConnection, 'model'>,
  text: string,
  signal: AbortSignal,
): Promise<readonly ListedId[] | undefined> {
  const url = new URL(endpoint);
  url.pathname = `${endpoint.pathname.replace(/\/+$/, '')}/api/models`;
  if (text !== '') url.searchParams.set('search', text);
  url.searchParams.set('limit', String(MOST_LISTED));
  url.searchParams.append('expand', 'gated');
  const response = await http.send({
    method: 'GET',
    url,
    token,
    subject: l10n.t('the models of {0}', endpoint.host),
    retry: 'idempotent',
    accept: [400, ...UNKNOWN_CALL],
    signal,
    ...BROWSING,
  });
  if (response.status >= 300) return undefined;
  return response.json(z.array(z.unknown())).flatMap((entry) => {
    const { data } = listed.safeParse(entry);
    if (data === undefined) return [];
    const isGated = data.gated !== undefined && data.gated !== null && data.gated !== false;
    return [{ id: data.id, isGated }];
  });
}
