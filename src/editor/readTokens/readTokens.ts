import type * as vscode from 'vscode';
import { asRow } from '../rows.ts';
import type { Services } from '../services.ts';

/** The command about the tokens that read a registry and do nothing else. */
export function registerReadTokens(services: Services): vscode.Disposable {
  return services.commands.register('modelRegistries.readTokens', async (argument) => {
    const { askRegistry, showReadTokens } = await import('./showReadTokens.ts');
    const row = asRow(argument);
    const chosen = row?.kind === 'registry' ? row : undefined;
    const place = argument === undefined ? await askRegistry(services) : chosen;
    if (place) await showReadTokens(services, place);
  });
}
