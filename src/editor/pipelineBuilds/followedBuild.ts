import * as vscode from 'vscode';
import type { Build } from '../../core/hosts/pipelines.ts';
import { visibleText } from '../../core/visibleText.ts';
import type { RegistryPlace } from '../places.ts';
import { withBrokenIcons } from '../plainText.ts';
import { buildName, stateWords } from './texts.ts';
import { watchedKey } from './watchedBuilds.ts';

/** What a build was created for. */
export interface BuildPurpose {
  readonly place: RegistryPlace;
  /** `namespace/name`. */
  readonly model: string;
}

/** A build that is watched: what it was last seen to do, and the item of the status bar that says so. */
export class FollowedBuild implements BuildPurpose {
  readonly key: string;
  readonly place: RegistryPlace;
  readonly model: string;
  readonly #item: vscode.StatusBarItem;
  readonly #controller = new AbortController();
  #build: Build;
  #report: ((words: string) => void) | undefined;

  constructor(build: Build, { place, model }: BuildPurpose) {
    this.key = watchedKey({ accountId: place.session.accountId, build });
    this.place = place;
    this.model = model;
    this.#build = build;
    // Items of the same id would be one and the same.
    const item = vscode.window.createStatusBarItem(vscode.StatusBarAlignment.Left);
    item.name = vscode.l10n.t('Builds That Publish');
    item.tooltip = visibleText(this.title);
    item.command = { command: 'modelRegistries.showBuild', title: item.name, arguments: [this.key] };
    this.#item = item;
    this.say(stateWords(build.state));
    item.show();
  }

  get title(): string {
    return vscode.l10n.t('Publishing {0} with {1}', this.model, buildName(this.#build));
  }

  get build(): Build {
    return this.#build;
  }

  /** Aborts when nobody watches any more. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** It was looked at again. */
  seen(build: Build): void {
    this.#build = build;
    this.say(stateWords(build.state));
  }

  say(words: string): void {
    const text = vscode.l10n.t('Build {0}: {1}', this.#build.number, withBrokenIcons(words));
    this.#item.text = `$(sync~spin) ${text}`;
    this.#report?.(words);
  }

  /** From now on `report` is told what the status bar says, beginning with what is known; undefined for nobody. */
  reportTo(report: ((words: string) => void) | undefined): void {
    this.#report = report;
    report?.(stateWords(this.#build.state));
  }

  leave(): void {
    this.#controller.abort();
  }

  /** Takes it out of the status bar. */
  dispose(): void {
    this.#item.dispose();
  }
}
