import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import { DOWNLOADS_KEY, downloadedFrom } from '../downloadMemory.ts';
import type { OngoingPublish } from '../publishService.ts';
import type { LocalModel } from './localModel.ts';
import {
  ongoingOf,
  publicationState,
  publicationsOf,
  type Publication,
  type PublicationState,
} from './publications.ts';

type KnownServices = Pick<Services, 'history' | 'registriesView' | 'publishes' | 'globalMemory'>;

/** Where this window knows publications from. */
export function knownPublishes({
  history,
  registriesView,
  globalMemory,
}: Pick<Services, 'history' | 'registriesView' | 'globalMemory'>): Parameters<typeof publicationsOf>[1] {
  return {
    records: history.records,
    versionsOf: (commit) => registriesView.versionsOf(commit),
    downloadedFrom: (folder) => downloadedFrom(globalMemory, folder),
  };
}

/** Where local models were published, or are being published, as far as this window knows. Nothing is asked of a server. */
export class KnownPublications {
  readonly #services: KnownServices;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #subscriptions: vscode.Disposable;

  constructor(services: KnownServices) {
    this.#services = services;
    this.#subscriptions = vscode.Disposable.from(
      services.history.onDidChange(() => this.#changed.fire()),
      services.registriesView.onDidLearnVersions(() => this.#changed.fire()),
      services.publishes.onDidChange((publish) => {
        // How far one is is told elsewhere.
        if (publish === undefined) this.#changed.fire();
      }),
      services.globalMemory.onDidUpdate((key) => {
        if (key === DOWNLOADS_KEY) this.#changed.fire();
      }),
      this.#changed,
    );
  }

  /** Of the model's commit now and of earlier ones, newest first. */
  of(model: LocalModel): readonly Publication[] {
    return publicationsOf(model, knownPublishes(this.#services));
  }

  stateOf(model: LocalModel): PublicationState {
    return publicationState(model, this.of(model), this.#services.publishes.ongoing);
  }

  /** The publish under way of the model, of whatever commit. */
  ongoingOf(model: LocalModel): OngoingPublish | undefined {
    return ongoingOf(model, this.#services.publishes.ongoing);
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }
}
