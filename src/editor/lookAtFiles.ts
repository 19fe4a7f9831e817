import * as vscode from 'vscode';
import { Failure } from '../core/failure.ts';
import { listAllFiles } from '../core/hub/fileList.ts';
import type { HubConnection } from '../core/hub/connection.ts';
import { readFileContent } from '../core/hub/fileContent.ts';
import { type ModelUse, modelUses } from '../core/instructions/modelUses.ts';

/** What the list of a version's files tells. */
interface LookedAt {
  readonly uses: readonly ModelUse[];
  /** Bytes of all files; undefined where the server does not tell of every one. */
  readonly bytes: number | undefined;
}

/** Bytes of `config.json`, at most; those of models are some kilobytes. */
const MOST_CONFIG = 1024 * 1024;

/** In two requests at most. Throws a `Failure`, or the signal's reason when aborted. */
export async function lookAtFiles(
  hub: HubConnection,
  revision: string,
  signal: AbortSignal,
): Promise<LookedAt> {
  const files = await listAllFiles(hub, revision, signal);
  if (!files) {
    throw new Failure(
      'notFound',
      vscode.l10n.t(
        '{0} has no such version of “{1}”, so its files are not known.',
        hub.endpoint.host,
        hub.model,
      ),
    );
  }
  const config = files.find(({ path }) => path === 'config.json');
  const isReadable = config !== undefined && (config.size ?? 0) <= MOST_CONFIG;
  const text = isReadable
    ? (await readFileContent(hub, revision, config, MOST_CONFIG, signal)).toString('utf8')
    : undefined;
  const paths = files.map(({ path }) => path);
  const sizes = files.flatMap(({ size }) => size ?? []);
  return {
    uses: modelUses(paths, text),
    bytes: sizes.length === files.length ? sizes.reduce((sum, size) => sum + size, 0) : undefined,
  };
}
