import * as z from 'zod/mini';
import type { HttpResponse } from '../http/client.ts';
import { addressesOf } from './addresses.ts';
import { subjectOfModel, UNKNOWN_CALL, type HubConnection } from './connection.ts';

/** A branch or a tag, by the name that leads to it. */
interface Ref {
  readonly name: string;
  readonly kind: 'branch' | 'tag';
}

const named = z.catch(z.array(z.object({ name: z.string().check(z.minLength(1), z.maxLength(256)) })), []);
const refsAnswer = z.object({ branches: named, tags: named });

/**
 * The branches and tags of a model: `GET /api/models/{id}/refs` (https://huggingface.co/docs/hub/api). undefined where
 * the server does not tell.
 *
 * @throws Failure, and the signal's reason when aborted.
 */
export async function listRefs(hub: HubConnection, signal: AbortSignal): Promise<readonly Ref[] | undefined> {
  const response = await askRefs(hub, signal);
  if (response === undefined) return undefined;
  const { branches, tags } = response.json(refsAnswer);
  return [
    ...branches.map(({ name }) => ({ name, kind: 'branch' }) as const),
    ...tags.map(({ name }) => ({ name, kind: 'tag' }) as const),
  ];
}

/** The answer to that call; undefined where the server does not know it. */
export async function askRefs(hub: HubConnection, signal: AbortSignal): Promise<HttpResponse | undefined> {
  const response = await hub.http.send({
    method: 'GET',
    url: addressesOf(hub.endpoint, hub.model).refs(),
    token: hub.token,
    subject: subjectOfModel(hub),
    retry: 'idempotent',
    accept: UNKNOWN_CALL,
    signal,
  });
  return UNKNOWN_CALL.includes(response.status) ? undefined : response;
}
