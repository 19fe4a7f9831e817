import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { SearchItem } from '../prompts.ts';
import type { Services } from '../services.ts';
import { modelsText } from '../wording.ts';
import { namespacesOf, type Namespace } from './namespaces.ts';
import type { RegistryRow } from '../rows.ts';

/** Has the view show only a registry's models of one namespace, or those with a text in their names. */
export async function filterByNamespace(services: Services, row: RegistryRow): Promise<void> {
  const { session, registry } = row;
  let seen: readonly Namespace[] | undefined;
  const chosen = await services.prompts.search<string>({
    id: 'filter',
    title: vscode.l10n.t('Filter {0} by Namespace', registry.name),
    placeholder: vscode.l10n.t('A namespace, or part of the name'),
    find: async function* (text, signal) {
      const typed = text.trim();
      yield [...choices(seen ?? [], typed), ...anyText(typed)];
      if (seen) return;
      try {
        seen = namespacesOf((await session.host.listing.models(registry, {}, signal)).items);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        yield [
          ...anyText(typed),
          {
            kind: 'remark',
            icon: 'warning',
            label: error.message,
            detail: vscode.l10n.t('Press Enter to try again.'),
            run: () => undefined,
          },
        ];
        return;
      }
      yield [...choices(seen, typed), ...anyText(typed)];
    },
  });
  if (chosen !== undefined) services.registriesView.filter(row, chosen);
}

function choices(seen: readonly Namespace[], typed: string): readonly SearchItem<string>[] {
  return seen
    .filter(({ name }) => `${name}/`.toLowerCase().includes(typed.toLowerCase()))
    .map(({ name, models }) => ({
      kind: 'match',
      label: name,
      description: modelsText(models),
      icon: 'symbol-namespace',
      group: vscode.l10n.t('Namespaces of the newest versions'),
      value: `${name}/`,
    }));
}

function anyText(typed: string): readonly SearchItem<string>[] {
  if (typed === '') return [];
  return [
    {
      kind: 'match',
      label: vscode.l10n.t('Names that hold “{0}”', typed),
      icon: 'filter',
      group: vscode.l10n.t('Text'),
      value: typed,
    },
  ];
}
