import * as vscode from 'vscode';
import { Failure } from '../core/failure.ts';

/** Where a Buildkite lives. Tokens go to the first two. */
export interface Endpoints {
  /** Ends with the API's version, without a trailing slash. */
  readonly apiUrl: URL;
  readonly packagesUrl: URL;
  readonly webUrl: URL;
}

/** The settings of package.json, checked. */
export interface Settings {
  readonly onDidChange: vscode.Event<void>;
  /** Throws a `refused` failure naming the setting that holds no usable address. */
  endpoints(): Endpoints;
}

const SECTION = 'modelRegistries';

export function createSettings(): Settings & { dispose(): void } {
  const changed = new vscode.EventEmitter<void>();
  const subscription = vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(SECTION)) changed.fire();
  });
  return {
    onDidChange: changed.event,
    endpoints: () => ({
      apiUrl: address('apiUrl'),
      packagesUrl: address('packagesUrl'),
      webUrl: address('webUrl'),
    }),
    dispose: () => {
      subscription.dispose();
      changed.dispose();
    },
  };
}

function address(name: keyof Endpoints): URL {
  const text = vscode.workspace.getConfiguration(SECTION).get<unknown>(name);
  const url = typeof text === 'string' ? parseEndpoint(text) : undefined;
  if (url) return url;
  throw new Failure(
    'refused',
    vscode.l10n.t(
      'The setting {0} must hold an https address (http only on this machine). Correct it in the settings.',
      `${SECTION}.${name}`,
    ),
  );
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** An address that a token may be sent to: https, or http on this machine; no credentials, query or fragment; no trailing slash. */
export function parseEndpoint(text: string): URL | undefined {
  const url = URL.parse(text.trim());
  if (!url) return undefined;
  const safe = url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname));
  if (!safe || url.username || url.password || url.search || url.hash) return undefined;
  url.pathname = url.pathname.replace(/\/+$/, '');
  return url;
}
