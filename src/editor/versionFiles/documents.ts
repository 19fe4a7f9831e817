import * as vscode from 'vscode';
import type { ModelVersion } from '../../core/hosts/host.ts';
import type { Session } from '../accounts/sessions.ts';
import {
  accountKey,
  fileAddressOf,
  SCHEME,
  uriPartsOf,
  type FileAddress,
  type VersionAddress,
  type VersionFileAddress,
} from './fileAddress.ts';

/** The document that shows the file of that address. */
export function uriOf(address: FileAddress): vscode.Uri {
  return vscode.Uri.from({ scheme: SCHEME, ...uriPartsOf(address) });
}

/** The version's file that a document shows; undefined for every other document. */
export function versionFileOf(uri: vscode.Uri): VersionFileAddress | undefined {
  const address = uri.scheme === SCHEME ? fileAddressOf(uri) : undefined;
  return address?.kind === 'version' ? address : undefined;
}

/** Where a listed version is reached; undefined where the server does not tell its commit. */
export function versionAddressOf(
  { accountId }: Session,
  { registry, model, commit }: ModelVersion,
): VersionAddress | undefined {
  const { organization, slug } = registry;
  return commit === undefined
    ? undefined
    : { account: accountKey(accountId), organization, registry: slug, model, commit };
}
