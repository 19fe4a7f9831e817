import * as l10n from '@vscode/l10n';
import { Failure } from '../../core/failure.ts';
import type { ReadToken, ReadTokens, RegistryKey } from '../../core/hosts/host.ts';
import type { HttpClient } from '../../core/http/client.ts';
import { tokenFor } from '../accessToken.ts';
import { type Context, logFor } from '../context.ts';
import { EXIT, type ExitCode } from '../exitCodes.ts';
import { reported } from '../failures.ts';
import { hostAt } from '../hosts.ts';
import { httpClientFor } from '../httpClient.ts';
import { systemKeychain } from '../keychain.ts';

/** What is to be done with the read tokens of a registry. */
export type TokensAsk =
  | { readonly kind: 'list'; readonly json: boolean }
  | { readonly kind: 'create'; readonly description: string }
  | { readonly kind: 'revoke'; readonly id: string };

export interface TokensPlace {
  /** The registry's Hub endpoint, for which the person's own token is kept. */
  readonly hub: URL;
  /** Where its read tokens are managed; that token goes there, and nowhere else. */
  readonly apiUrl: URL;
  readonly registry: RegistryKey;
}

/** Lists, creates or revokes read tokens. Of a new one the value alone goes to standard output, so that it can be piped. */
export async function manageTokens(
  ask: TokensAsk,
  place: TokensPlace,
  verbose: boolean,
  context: Context,
): Promise<ExitCode> {
  const { signal, terminal } = context;
  const http = await httpClientFor(context, logFor(context, verbose));
  try {
    await carryOut(ask, place, await readTokensOf(place, http, verbose, context), context);
    return EXIT.done;
  } catch (error) {
    if (signal.aborted) return EXIT.cancelled;
    terminal.tell(reported(error, place.hub).message);
    return EXIT.failed;
  } finally {
    http.dispose();
  }
}

async function readTokensOf(
  { hub, apiUrl }: TokensPlace,
  http: HttpClient,
  verbose: boolean,
  context: Context,
): Promise<ReadTokens> {
  const { env, platform } = context.process;
  const log = logFor(context, verbose);
  const token = await tokenFor(
    hub,
    env,
    systemKeychain(platform, env, context.signal),
    context.terminal,
    log,
  );
  const { host } = hostAt({ endpoint: hub, token, http, log }, apiUrl);
  if (!host.readTokens) throw new RangeError('Buildkite has read tokens.');
  return host.readTokens;
}

async function carryOut(
  ask: TokensAsk,
  { registry }: TokensPlace,
  readTokens: ReadTokens,
  { terminal, signal }: Context,
): Promise<void> {
  const place = `${registry.organization}/${registry.slug}`;
  switch (ask.kind) {
    case 'list': {
      const tokens = await readTokens.list(registry, signal);
      for (const token of tokens) {
        if (ask.json) terminal.json(token);
        else terminal.result(lineOf(token));
      }
      if (tokens.length === 0) terminal.tell(l10n.t('{0} has no read tokens.', place));
      return;
    }
    case 'create': {
      const { id, description, value } = await readTokens.create(registry, ask.description, signal);
      const text = value.reveal();
      terminal.result(text);
      terminal.hide(text);
      terminal.tell(
        l10n.t(
          'Created the read token “{0}” of {1}. It is not shown again. To revoke it: tokens revoke {2}',
          ...[description, place, id],
        ),
      );
      return;
    }
    case 'revoke': {
      const found = (await readTokens.list(registry, signal)).find(({ id }) => id === ask.id);
      if (!found) {
        throw new Failure(
          'notFound',
          l10n.t('{0} has no read token {1}. “tokens list” shows which it has.', place, ask.id),
        );
      }
      await readTokens.revoke(registry, found, signal);
      terminal.result(l10n.t('Revoked the read token “{0}” of {1}.', found.description, place));
      return;
    }
  }
}

/** "0191b6a2-…  2026-11-24  Ada’s laptop (Grace Hopper)". */
function lineOf({ id, description, createdAt, createdBy }: ReadToken): string {
  const day = createdAt?.toISOString().slice(0, 10) ?? '          ';
  return `${id}  ${day}  ${description}${createdBy === undefined ? '' : ` (${createdBy})`}`;
}
