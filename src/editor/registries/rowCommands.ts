import * as vscode from 'vscode';
import { asRow, rowsOf } from '../rows.ts';
import type { Services } from '../services.ts';
import { withRegistriesProgress } from '../viewProgress.ts';
import type { RegistriesTree } from './registriesView.ts';
import { webPage } from './webPage.ts';

/**
 * The commands of the view's rows.
 *
 * @param commitElsewhere The commit that a row of another view is; undefined for anything else.
 */
export function registerRegistryCommands(
  services: Services,
  tree: Pick<RegistriesTree, 'loadMore' | 'retry'>,
  commitElsewhere: (argument: unknown) => string | undefined,
): vscode.Disposable {
  const { commands, prompts, registriesView } = services;
  return vscode.Disposable.from(
    // Without its argument: a button in the view's header is given the row that has the focus, and means all of them.
    commands.register('modelRegistries.refresh', () => registriesView.refresh(undefined)),
    commands.register('modelRegistries.loadMore', async (argument) => {
      const row = asRow(argument);
      if (row?.kind === 'more') await withRegistriesProgress(() => tree.loadMore(row.parent));
    }),
    commands.register('modelRegistries.retry', async (argument) => {
      const row = asRow(argument);
      if (row?.kind === 'failed') await withRegistriesProgress(() => tree.retry(row.parent));
    }),
    commands.register('modelRegistries.copySha', async (argument, rows) => {
      const { copyLines, copyOf } = await import('./actions.ts');
      const chosen = rowsOf(argument, rows);
      const elsewhere = chosen.length > 0 ? undefined : commitElsewhere(argument);
      if (elsewhere === undefined) await copyOf(services, chosen, 'commit');
      else await copyLines(services, [elsewhere]);
    }),
    commands.register('modelRegistries.openInBrowser', async (argument) => {
      const row = asRow(argument);
      const page = row && webPage(row);
      if (page) await prompts.openExternal(page);
    }),
  );
}
