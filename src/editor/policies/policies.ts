import * as vscode from 'vscode';
import { notPermitted, sessionsFor } from '../accounts/usableSessions.ts';
import type { RegistryPlace } from '../places.ts';
import { pickRegistry } from '../registries/registryPick.ts';
import { asRow } from '../rows.ts';
import type { Services } from '../services.ts';
import { policyAddressOf, POLICY_LANGUAGE, POLICY_SCHEME, policyUri } from './policyAddress.ts';
import { PolicyFiles } from './policyFiles.ts';
import { registerPolicyLanguage } from './policyLanguage.ts';

/** The OIDC policies of registries, as documents that are edited and put in force. */
export function registerPolicies(services: Services): vscode.Disposable {
  const { commands, log } = services;
  const files = new PolicyFiles(services);
  return vscode.Disposable.from(
    files,
    vscode.workspace.registerFileSystemProvider(POLICY_SCHEME, files, { isCaseSensitive: true }),
    registerPolicyLanguage(files, log),
    vscode.workspace.onDidSaveTextDocument(({ uri }) => {
      closeDifference(uri).catch((error: unknown) => log.warn(`OIDC policy: ${String(error)}`));
    }),
    commands.register('modelRegistries.editOidcPolicy', async (argument) => {
      const row = asRow(argument);
      const chosen = row?.kind === 'registry' ? row : undefined;
      const place = argument === undefined ? await askRegistry(services) : chosen;
      if (place?.session.may('changeOidcPolicy')) await editPolicy(files, place);
    }),
  );
}

async function editPolicy(files: PolicyFiles, { session, registry }: RegistryPlace): Promise<void> {
  const { organization, slug } = registry;
  const address = {
    side: 'edited',
    accountId: session.accountId,
    registry: { organization, slug },
  } as const;
  await files.refresh(address);
  const opened = await vscode.workspace.openTextDocument(policyUri(address));
  const document = await vscode.languages.setTextDocumentLanguage(opened, POLICY_LANGUAGE);
  await vscode.window.showTextDocument(document, { preview: false });
}

async function askRegistry(services: Services): Promise<RegistryPlace | undefined> {
  const sessions = await sessionsFor(
    services,
    vscode.l10n.t('Sign in to edit the OIDC policy of a registry.'),
  );
  if (!sessions) return undefined;
  const able = sessions.filter((session) => session.may('changeOidcPolicy'));
  if (able.length > 0) {
    return pickRegistry(services, able, {
      id: 'policy.registry',
      title: vscode.l10n.t('Edit OIDC Policy'),
      placeholder: vscode.l10n.t('The registry that builds publish to'),
    });
  }
  throw notPermitted(sessions, ['changeOidcPolicy'], (accounts, scopes) =>
    vscode.l10n.t(
      'The access token of {0} may not change OIDC policies. That takes one with the scope {1}.',
      accounts,
      scopes,
    ),
  );
}

/** What was put in force differs from nothing any more. The editor beside the diff stays. */
async function closeDifference(saved: vscode.Uri): Promise<void> {
  if (policyAddressOf(saved)?.side !== 'edited') return;
  const key = saved.toString();
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const isOpen = tabs.some(
    ({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === key,
  );
  if (!isOpen) return;
  await vscode.window.tabGroups.close(
    tabs.filter(({ input }) => input instanceof vscode.TabInputTextDiff && input.modified.toString() === key),
  );
}
