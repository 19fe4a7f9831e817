import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { ModelVersion } from '../../core/registryHost.ts';
import type { SearchItem } from '../prompts.ts';
import type { Services } from '../services.ts';
import type { RegistryRow } from './rows.ts';

/** Has the view show only a registry's models of one namespace, or those with a text in their names. */
export async function filterByNamespace(services: Services, row: RegistryRow): Promise<void> {
  const { session, registry } = row;
  let seen: readonly Namespace[] | undefined;
  const chosen = await services.prompts.search<string>({
    id: 'filter',
    title: vscode.l10n.t('Filter {0} by Namespace', registry.name),
    placeholder: vscode.l10n.t('A namespace, or a part of the name'),
    find: async function* (text, signal) {
      const typed = text.trim();
      yield [...choices(seen ?? [], typed), ...anyText(typed)];
      if (seen) return;
      try {
        seen = namespacesOf((await session.host.versions(registry, { retries: 1 }, signal)).items);
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

export interface Namespace {
  readonly name: string;
  readonly models: number;
}

/** The namespaces of the models, the one with the most models first. */
export function namespacesOf(versions: readonly Pick<ModelVersion, 'model'>[]): readonly Namespace[] {
  const models = new Map<string, Set<string>>();
  for (const { model } of versions) {
    const slash = model.indexOf('/');
    if (slash <= 0) continue;
    const name = model.slice(0, slash);
    const inside = models.get(name) ?? new Set();
    models.set(name, inside.add(model));
  }
  return [...models]
    .map(([name, inside]) => ({ name, models: inside.size }))
    .sort((a, b) => b.models - a.models || (a.name < b.name ? -1 : 1));
}

function choices(seen: readonly Namespace[], typed: string): readonly SearchItem<string>[] {
  return seen
    .filter(({ name }) => `${name}/`.toLowerCase().includes(typed.toLowerCase()))
    .map(({ name, models }) => ({
      kind: 'match',
      label: name,
      description: vscode.l10n.t('Models seen: {0}', models),
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
