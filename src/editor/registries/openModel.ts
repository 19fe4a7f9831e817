import * as vscode from 'vscode';
import { parseModelId } from '../../core/snapshot/modelId.ts';
import type { ModelRow, RegistryRow } from '../rows.ts';
import type { Services } from '../services.ts';

/** Opens the page of a model by its name, listed or not. */
export async function openModel(services: Services, { session, registry }: RegistryRow): Promise<void> {
  const { host } = session;
  const { modelIdSegments, namespace } = host.hub(registry);
  const typed = await services.prompts.input({
    id: 'openModel',
    title: vscode.l10n.t('Open Model of {0}', registry.name),
    prompt: vscode.l10n.t('Name of the model'),
    placeholder: modelIdSegments === 1 ? 'name' : `${namespace ?? 'namespace'}/name`,
    value: namespace === undefined ? '' : `${namespace}/`,
    check: (value) => {
      const parsed = parseModelId(value, modelIdSegments);
      return parsed.kind === 'invalid' ? parsed.problem : undefined;
    },
  });
  if (typed === undefined) return;
  const model = typed.trim();
  const found = await services.prompts.progress(
    { id: 'openModel.look', title: vscode.l10n.t('Looking for {0}', model), cancellable: true },
    async (_report, signal) => host.listing.model?.(registry, model, signal),
  );
  if (!found) return;
  if (found.model !== model) {
    void services.prompts.notify({
      id: 'openModel.led',
      severity: 'information',
      message: vscode.l10n.t('{0} leads to {1}, which is shown.', model, found.model),
    });
  }
  const row: ModelRow = {
    kind: 'model',
    session,
    registry: found.newest?.registry ?? registry,
    model: found.model,
  };
  await vscode.commands.executeCommand('modelRegistries.openModelPage', row);
}
