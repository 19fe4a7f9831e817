import type * as vscode from 'vscode';
import type { AccessToken } from '../../core/accessToken.ts';
import type { RegistryAction, RegistryHost } from '../../core/registryHost.ts';

/** A signed-in account. Its identity is the object: after a sign-out or a new token, results that belong to an old one are dropped. */
export interface Session {
  /** Stable per account and endpoint. */
  readonly accountId: string;
  /** What the person calls it: name or e-mail address. */
  readonly label: string;
  readonly scopes: ReadonlySet<string>;
  /** Whether the token's scopes allow it. The server has the last word: a team's permissions are its own. */
  may(action: RegistryAction): boolean;
  readonly token: AccessToken;
  readonly host: RegistryHost;
}

/** The accounts that are signed in. */
export interface Sessions {
  readonly onDidChange: vscode.Event<void>;
  /** False until the secret store was read once. */
  readonly loaded: boolean;
  readonly all: readonly Session[];
  /** Tells that the server refused the session's token (401), so that views ask to sign in again. Fires `onDidChange`. */
  reject(session: Session): void;
  /** Whether the server refused the session's token since it was stored. */
  isRejected(session: Session): boolean;
}
