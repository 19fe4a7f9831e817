import * as vscode from 'vscode';
import type { RegistryKey } from '../../core/hosts/host.ts';

/** The scheme of every document of this room. */
export const POLICY_SCHEME = 'model-registries-policy';

/** The language of these documents: YAML that nothing but the person saves, for to save it is to put it in force. */
export const POLICY_LANGUAGE = 'model-registries-oidc-policy';

/** A registry's policy as a document: the one that a person edits, or the one that is in force, to compare it with. */
export interface PolicyAddress {
  readonly side: 'edited' | 'in-force';
  /** Whose registry it is. */
  readonly accountId: string;
  readonly registry: RegistryKey;
}

const FILE = 'oidc-policy.yaml';

/** Holds no secret: VS Code keeps it for after a reload. */
export function policyUri({ side, accountId, registry }: PolicyAddress): vscode.Uri {
  const path = `/${registry.organization}/${registry.slug}/${FILE}`;
  return vscode.Uri.from({ scheme: POLICY_SCHEME, authority: side, path, query: accountId });
}

/** The address that a document's URI spells; undefined for anything else. */
export function policyAddressOf({ scheme, authority, path, query }: vscode.Uri): PolicyAddress | undefined {
  const [first, organization, slug, file, ...more] = path.split('/');
  const side = authority === 'edited' || authority === 'in-force' ? authority : undefined;
  const isOurs = scheme === POLICY_SCHEME && first === '' && file === FILE && more.length === 0;
  if (!isOurs || side === undefined || !organization || !slug || query === '') return undefined;
  return { side, accountId: query, registry: { organization, slug } };
}
