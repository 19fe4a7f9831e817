import * as l10n from '@vscode/l10n';
import { AccessToken } from '../core/accessToken.ts';
import { Failure } from '../core/failure.ts';
import type { HubTarget } from '../core/hosts/host.ts';
import { isBuildkite } from '../core/hosts/buildkite/plan.ts';
import type { HttpClient } from '../core/http/client.ts';
import { connectionTo, type HubConnection } from '../core/hub/connection.ts';
import { readHead, type Head } from '../core/hub/head.ts';
import { listAllFiles } from '../core/hub/fileList.ts';
import { pathOnly, type RemoteFile } from '../core/hub/remoteFile.ts';
import type { Log } from '../core/log.ts';
import type { CommitName } from '../core/objectIds.ts';
import { keptOrGiven, loginCommand, tokenFor } from './accessToken.ts';
import { type Context, logFor } from './context.ts';
import { EXIT, type ExitCode } from './exitCodes.ts';
import { reported } from './failures.ts';
import { httpClientFor } from './httpClient.ts';
import { systemKeychain } from './keychain.ts';

/** What a command that reads a hub works with. */
export interface HubAccess {
  readonly endpoint: URL;
  /** Of nobody where there is none and the hub may be read without. */
  readonly token: AccessToken;
  readonly http: HttpClient;
  readonly log: Log;
}

/** Does `work` with access to a hub, and closes what was opened for it. Throws an `auth` failure where a token is missing. */
export async function withHub<T>(
  endpoint: URL,
  verbose: boolean,
  context: Context,
  work: (access: HubAccess) => Promise<T>,
): Promise<T> {
  const log = logFor(context, verbose);
  const http = await httpClientFor(context, log);
  try {
    const token = await readingToken(endpoint, context, log);
    return await work({ endpoint, token: token ?? NOBODY, http, log }).catch((error: unknown) => {
      throw token === undefined ? withWayToSignIn(error, endpoint) : error;
    });
  } finally {
    http.dispose();
  }
}

/** Authorizes nothing. */
export const NOBODY = new AccessToken('', []);

/** What a hub shows to nobody it may show to somebody. */
function withWayToSignIn(error: unknown, endpoint: URL): unknown {
  if (!(error instanceof Failure) || !['auth', 'forbidden', 'notFound'].includes(error.kind)) return error;
  const message = l10n.t(
    '{0} It was asked without an access token: set HF_TOKEN, or run: {1}',
    error.message,
    loginCommand(endpoint),
  );
  return new Failure(error.kind, message, { ...error.origin, paths: error.paths });
}

/** What a command that only reads asks for. */
export interface Reading {
  readonly hub: URL;
  readonly json: boolean;
  readonly verbose: boolean;
}

/** Reads a hub, and says why where that fails: with `--json` on standard output, too. */
export async function readHub(
  { hub, json, verbose }: Reading,
  context: Context,
  work: (access: HubAccess) => Promise<void>,
): Promise<ExitCode> {
  const { signal, terminal } = context;
  try {
    await withHub(hub, verbose, context, work);
    return EXIT.done;
  } catch (error) {
    if (signal.aborted) return EXIT.cancelled;
    const failure = reported(error, hub);
    if (json) terminal.json({ kind: 'failed', ...failure });
    else terminal.tell(failure.message);
    return EXIT.failed;
  }
}

/** A hub as the engine takes it. @param revision The one that is read where no other is named. */
export function targetOf({ endpoint, token }: HubAccess, model: string, revision: string): HubTarget {
  return { endpoint, token, createFirst: true, revision, modelIdSegments: model.includes('/') ? 2 : 1 };
}

export function connectionOf(access: HubAccess, model: string): HubConnection {
  return connectionTo(access, model, access.http);
}

/** The commit that a revision of a model leads to. Throws a `notFound` failure where there is none. */
export async function headOf(
  connection: HubConnection,
  revision: string,
  signal: AbortSignal,
): Promise<Head> {
  const head = await readHead(connection, revision, signal);
  if (head !== undefined) return head;
  throw new Failure(
    'notFound',
    l10n.t(
      '{1} holds no model “{0}” with a revision “{2}”, or does not show it with this token. “model-registries list” tells what there is.',
      ...[connection.model, connection.endpoint.href, revision],
    ),
  );
}

/** The files of a commit; paths alone where the server tells no more. */
export async function filesOf(
  connection: HubConnection,
  commit: CommitName,
  signal: AbortSignal,
): Promise<readonly RemoteFile[]> {
  const listed = await listAllFiles(connection, commit, signal);
  return listed ?? (await headOf(connection, commit, signal)).paths.map(pathOnly);
}

/** Some hubs show public models to everybody. */
async function readingToken(endpoint: URL, context: Context, log: Log): Promise<AccessToken | undefined> {
  const { env, platform } = context.process;
  const keychain = systemKeychain(platform, env, context.signal);
  if (isBuildkite(endpoint)) return tokenFor(endpoint, env, keychain, context.terminal, log);
  const token = await keptOrGiven(endpoint, env, keychain, context.terminal, log);
  if (token === undefined)
    log.info(`There is no access token for ${endpoint.href}: it is asked without one.`);
  return token;
}
