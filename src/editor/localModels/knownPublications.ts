import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import type { LocalModel } from './localModel.ts';
import { publicationsOf, type Publication } from './publications.ts';

/** Where local models were published, as far as this window knows. Nothing is asked of a server. */
export interface KnownPublications {
  /** Of the model's commit now and of earlier ones, newest first. */
  of(model: LocalModel): readonly Publication[];
  readonly onDidChange: vscode.Event<void>;
  dispose(): void;
}

export function createKnownPublications({
  history,
  registriesView,
}: Pick<Services, 'history' | 'registriesView'>): KnownPublications {
  const changed = new vscode.EventEmitter<void>();
  const subscriptions = [
    history.onDidChange(() => changed.fire()),
    registriesView.onDidLearnVersions(() => changed.fire()),
    changed,
  ];
  return {
    of: (model) =>
      publicationsOf(model, {
        records: history.records,
        versionsOf: (commit) => registriesView.versionsOf(commit),
      }),
    onDidChange: changed.event,
    dispose: () => {
      for (const one of subscriptions) one.dispose();
    },
  };
}
