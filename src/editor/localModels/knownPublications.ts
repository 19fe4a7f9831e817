import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import type { LocalModel } from './localModel.ts';
import { publicationsOf, type Publication } from './publications.ts';

/** Where local models were published, as far as this window knows. Nothing is asked of a server. */
export class KnownPublications {
  readonly #services: Pick<Services, 'history' | 'registriesView'>;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #subscriptions: vscode.Disposable;

  constructor(services: Pick<Services, 'history' | 'registriesView'>) {
    this.#services = services;
    this.#subscriptions = vscode.Disposable.from(
      services.history.onDidChange(() => this.#changed.fire()),
      services.registriesView.onDidLearnVersions(() => this.#changed.fire()),
      this.#changed,
    );
  }

  /** Of the model's commit now and of earlier ones, newest first. */
  of(model: LocalModel): readonly Publication[] {
    const { history, registriesView } = this.#services;
    const versionsOf = registriesView.versionsOf.bind(registriesView);
    return publicationsOf(model, { records: history.records, versionsOf });
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }
}
