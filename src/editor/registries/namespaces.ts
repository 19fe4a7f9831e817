import type { ListedModel } from '../../core/hosts/host.ts';

export interface Namespace {
  readonly name: string;
  readonly models: number;
}

/** The namespaces of the models, the one with the most models first. */
export function namespacesOf(listed: readonly Pick<ListedModel, 'model'>[]): readonly Namespace[] {
  const models = new Map<string, Set<string>>();
  for (const { model } of listed) {
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
