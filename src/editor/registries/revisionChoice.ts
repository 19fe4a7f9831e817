import * as vscode from 'vscode';
import type { ModelRow } from '../rows.ts';
import type { Services } from '../services.ts';
import { shortSha } from '../wording.ts';

/** Has the view show a model's versions on a branch or at a tag. */
export async function chooseRevision(services: Services, row: ModelRow): Promise<void> {
  const { session, registry, model } = row;
  const { listing } = session.host;
  const own = session.host.hub(registry).revision;
  const chosen = await services.prompts.pick<string>({
    id: 'revision',
    title: vscode.l10n.t('Versions of {0}', model),
    placeholder: vscode.l10n.t('The branch or tag whose versions are shown'),
    choices: async (signal) => {
      const named = (await listing.revisions?.(registry, model, signal)) ?? [];
      const all = named.some(({ name }) => name === own)
        ? named
        : [{ name: own, kind: 'branch' as const, commit: undefined }, ...named];
      return all.map(({ name, kind, commit }) => ({
        label: name,
        description: commit && shortSha(commit),
        icon: kind === 'branch' ? 'git-branch' : 'tag',
        group: kind === 'branch' ? vscode.l10n.t('Branches') : vscode.l10n.t('Tags'),
        value: name,
      }));
    },
  });
  if (chosen !== undefined) services.registriesView.showRevision(row, chosen === own ? undefined : chosen);
}
