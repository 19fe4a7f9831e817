import * as vscode from 'vscode';
import type { Services } from './services.ts';

/** Says why nothing is published from a workspace that is not trusted, and offers to change that. @param id The notice's. */
export async function refuseUntrusted({ prompts }: Pick<Services, 'prompts'>, id: string): Promise<void> {
  const chosen = await prompts.notify({
    id,
    severity: 'warning',
    message: vscode.l10n.t(
      'This workspace is not trusted, so nothing is published from it: publishing runs Git in its folders.',
    ),
    actions: [{ id: 'trust', label: vscode.l10n.t('Manage Trust') }],
  });
  if (chosen === 'trust') await vscode.commands.executeCommand('workbench.trust.manage');
}
