import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { Services } from '../services.ts';
import type { RegistryRow } from '../rows.ts';

/** Asks for a registry's new description and has it stored; the box stays open while the server refuses it. */
export async function editDescription(
  { prompts, registriesView }: Services,
  { session, registry }: RegistryRow,
): Promise<void> {
  const before = registry.description ?? '';
  await prompts.input({
    id: 'editDescription',
    title: vscode.l10n.t('Edit Description of {0}', registry.name),
    prompt: vscode.l10n.t('What the registry is for; leave it empty to remove the description'),
    value: before,
    accept: async (value, signal) => {
      const description = value.trim();
      if (description === before) return undefined;
      try {
        await session.host.admin?.describeRegistry(registry, description, signal);
        return undefined;
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        return error.message;
      } finally {
        registriesView.registriesChanged(session, registry.organization);
      }
    },
  });
}
