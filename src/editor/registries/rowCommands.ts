import * as vscode from 'vscode';
import { asRow, subjectOf } from '../rows.ts';
import type { Services } from '../services.ts';
import { sayInStatusBar } from '../statusBar.ts';
import { withRegistriesProgress } from '../viewProgress.ts';
import type { RegistriesTree } from './registriesView.ts';
import { webPage } from './webPage.ts';

/**
 * The commands of the view's rows.
 *
 * @param commitElsewhere The commit that a row of another view is; undefined for anything else.
 */
export function registerRegistryCommands(
  { commands, prompts, registriesView }: Services,
  tree: Pick<RegistriesTree, 'loadMore' | 'retry'>,
  commitElsewhere: (argument: unknown) => string | undefined,
): vscode.Disposable {
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
    commands.register('modelRegistries.copySha', async (argument) => {
      const row = asRow(argument);
      const sha = row ? subjectOf(row)?.commit : commitElsewhere(argument);
      if (sha === undefined) return;
      await prompts.copy(sha);
      sayInStatusBar(vscode.l10n.t('Copied {0}', sha), 3000);
    }),
    commands.register('modelRegistries.openInBrowser', async (argument) => {
      const row = asRow(argument);
      const page = row && webPage(row);
      if (page) await prompts.openExternal(page);
    }),
  );
}
