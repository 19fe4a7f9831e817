import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { Registry } from '../../core/hosts/host.ts';
import type { Services } from '../services.ts';
import { sayInStatusBar } from '../statusBar.ts';
import { modelsText, versionsText } from '../wording.ts';
import type { RegistryRow } from '../rows.ts';

/** Deletes a registry with all that is in it, once its name was typed. */
export async function deleteRegistry(services: Services, row: RegistryRow): Promise<void> {
  const { prompts, registriesView } = services;
  const { session, registry } = row;
  const loss = await lossSentence(services, row);
  const typed = await prompts.input({
    id: 'deleteRegistry.confirm',
    title: vscode.l10n.t('Delete Registry {0}', `${registry.organization}/${registry.slug}`),
    prompt: vscode.l10n.t('{0} Type “{1}” to confirm.', loss, registry.name),
    placeholder: registry.name,
    check: (value) =>
      isItsName(value, registry) ? undefined : vscode.l10n.t('This is not its name: {0}', registry.name),
  });
  if (typed === undefined) return;
  try {
    await prompts.progress(
      {
        id: 'deleteRegistry.delete',
        title: vscode.l10n.t('Deleting {0}', registry.name),
        cancellable: false,
      },
      async (_report, signal) => session.host.admin?.deleteRegistry(registry, signal),
    );
  } finally {
    registriesView.registriesChanged(session, registry.organization);
  }
  sayInStatusBar(vscode.l10n.t('Deleted {0}', registry.name), 5000);
}

/** The slug will do, because a name can hold what is hard to type. */
function isItsName(value: string, { name, slug }: Registry): boolean {
  return value.trim() === name.trim() || value.trim() === slug;
}

/** What goes with it, as far as one request tells. */
async function lossSentence({ prompts, log }: Services, { session, registry }: RegistryRow): Promise<string> {
  try {
    const { items, next } = await prompts.progress(
      {
        id: 'deleteRegistry.look',
        title: vscode.l10n.t('Looking at what is in {0}', registry.name),
        cancellable: true,
      },
      (_report, signal) => session.host.listing.models(registry, {}, signal),
    );
    const models = new Set(items.map(({ model }) => model)).size;
    if (next !== undefined) {
      return vscode.l10n.t(
        'It holds more than {0} of at least {1}. Everything in it is deleted for good.',
        versionsText(items.length),
        modelsText(models),
      );
    }
    return items.length === 0
      ? vscode.l10n.t('It is empty.')
      : vscode.l10n.t(
          'It holds {0} with {1}. Everything in it is deleted for good.',
          modelsText(models),
          versionsText(items.length),
        );
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    log.warn(`registry to delete: ${error.message}`);
    return vscode.l10n.t('It is not known how much it holds. Everything in it is deleted for good.');
  }
}
