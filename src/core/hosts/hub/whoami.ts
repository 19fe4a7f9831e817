import { createHash } from 'node:crypto';
import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import type { AccessToken } from '../../accessToken.ts';
import { Lanes } from '../../async/lanes.ts';
import type { HttpClient } from '../../http/client.ts';
import { BROWSING } from '../../http/patience.ts';
import { UNKNOWN_CALL } from '../../hub/connection.ts';
import { endpointUrl } from '../addresses.ts';
import { date, segment, text } from '../answerFields.ts';
import { fromThere } from './requests.ts';
import { isUnknownCall } from './unknownCall.ts';

/** Reads what can be read of a list: an item of another form, or a list of another form, is left out. */
function listOf<T>(item: z.ZodMiniType<T>): z.ZodMiniType<readonly T[]> {
  return z.pipe(
    z.catch(z.array(z.unknown()), []),
    z.transform((items) =>
      items.flatMap((each) => {
        const { success, data } = item.safeParse(each);
        return success ? [data] : [];
      }),
    ),
  );
}

/** A namespace: it stands in addresses. */
const namespace = segment.check(z.refine((name) => !/^\.{1,2}$/.test(name)));

const permissions = z.pipe(
  z.object({ entity: z.object({ _id: text, name: text }), permissions: listOf(z.string()) }),
  z.transform(({ entity, permissions: granted }) => ({
    entity: entity.name ?? entity._id ?? '',
    permissions: granted,
  })),
);

const accessToken = z.object({
  displayName: text,
  role: text,
  createdAt: text,
  fineGrained: z.catch(
    z.pipe(
      z.object({ scoped: listOf(permissions) }),
      z.transform(({ scoped }) => scoped),
    ),
    [],
  ),
});

/**
 * `GET /api/whoami-v2` (https://huggingface.co/.well-known/openapi.json; `HfApi.whoami` of huggingface_hub).
 * Self-hosted servers leave out all but the name, some even that.
 */
export const whoamiAnswer = z.object({
  name: z.catch(z.optional(namespace), undefined),
  orgs: listOf(z.object({ name: namespace, roleInOrg: text, resourceGroups: listOf(z.unknown()) })),
  auth: z.catch(
    z.optional(
      z.object({ type: text, expiresAt: date, accessToken: z.catch(z.optional(accessToken), undefined) }),
    ),
    undefined,
  ),
});
export type WhoamiAnswer = z.infer<typeof whoamiAnswer>;

/** The person's own namespace, and those of organizations in which they may read. */
export function namespacesOf({ name, orgs }: WhoamiAnswer): readonly string[] {
  const readable = orgs.filter(
    ({ roleInOrg, resourceGroups }) => roleInOrg !== 'no_access' || resourceGroups.length > 0,
  );
  return [...(name === undefined ? [] : [name]), ...readable.map((organization) => organization.name)];
}

/**
 * A server says who somebody is a few times only in a while, and does not say how many: an answer is kept for that
 * long.
 */
const KEPT_MS = 10 * 60_000;
/** So long an answer holds even where what is true now is asked for. */
const HOLDS_MS = 10_000;

interface Kept {
  readonly at: number;
  /** Undefined where the server has no such call. */
  readonly answer: WhoamiAnswer | undefined;
}

/** Who the bearers of tokens are, at one server. What it said is kept in memory for a while, for many callers. */
export class Whoami {
  readonly #endpoint: URL;
  readonly #url: URL;
  /** By a hash of the token. */
  readonly #kept = new Map<string, Kept>();
  readonly #lanes = new Lanes(1);

  /** @param endpoint of the server. */
  constructor(endpoint: URL) {
    this.#endpoint = endpoint;
    this.#url = endpointUrl(endpoint, 'api', 'whoami-v2');
  }

  get url(): URL {
    return new URL(this.#url);
  }

  /** As the server said some minutes ago at most. undefined where it has no such call. Throws a `Failure`. */
  known(token: AccessToken, http: HttpClient, signal: AbortSignal): Promise<WhoamiAnswer | undefined> {
    return this.#answer(token, http, signal, KEPT_MS);
  }

  /** As the server says now. undefined where it has no such call. Throws a `Failure`. */
  now(token: AccessToken, http: HttpClient, signal: AbortSignal): Promise<WhoamiAnswer | undefined> {
    return this.#answer(token, http, signal, HOLDS_MS);
  }

  #answer(token: AccessToken, http: HttpClient, signal: AbortSignal, oldestMs: number) {
    const key = createHash('sha256').update(token.reveal()).digest('base64');
    // Whoever asks at the same time finds the answer of the first.
    return this.#lanes.run(key, signal, async () => {
      const kept = this.#kept.get(key);
      if (kept && Date.now() - kept.at < oldestMs) return kept.answer;
      const answer = await this.#ask(token, http, signal);
      this.#kept.set(key, { at: Date.now(), answer });
      return answer;
    });
  }

  async #ask(token: AccessToken, http: HttpClient, signal: AbortSignal): Promise<WhoamiAnswer | undefined> {
    const subject = l10n.t('the check of the access token');
    const response = await http.send({
      ...BROWSING,
      method: 'GET',
      url: this.#url,
      token,
      subject,
      retry: 'idempotent',
      accept: UNKNOWN_CALL,
      deadlineMs: 30_000,
      signal,
    });
    const answer = fromThere(response, this.#endpoint, subject);
    return isUnknownCall(answer) ? undefined : answer.json(whoamiAnswer);
  }
}
