import * as vscode from 'vscode';
import type { Registry } from '../../core/hosts/host.ts';
import type { Build } from '../../core/hosts/pipelines.ts';
import { visibleText } from '../../core/visibleText.ts';
import type { RegistryPlace } from '../places.ts';
import { withBrokenIcons } from '../plainText.ts';
import type { PublishingBuild } from '../publishService.ts';
import { buildName, stateWords } from './texts.ts';
import { watchedKey } from './watchedBuilds.ts';

/** What a build was created for. */
export interface BuildPurpose {
  readonly place: RegistryPlace;
  /** `namespace/name`. */
  readonly model: string;
}

/** A build that is watched: what it was last seen to do, and the item of the status bar that says so. */
export class FollowedBuild implements BuildPurpose, PublishingBuild {
  readonly key: string;
  readonly accountId: string;
  readonly registry: Registry;
  readonly since: number;
  readonly isWatched = true;
  readonly place: RegistryPlace;
  readonly model: string;
  readonly #item: vscode.StatusBarItem;
  readonly #controller = new AbortController();
  #build: Build;
  #words: string;
  #report: ((words: string) => void) | undefined;
  readonly #onChange: (one: FollowedBuild) => void;

  /**
   * @param since When it was first watched, in milliseconds of the Unix epoch.
   * @param onChange Called when it says something else.
   */
  constructor(
    build: Build,
    { place, model }: BuildPurpose,
    since: number,
    onChange: (one: FollowedBuild) => void,
  ) {
    this.accountId = place.session.accountId;
    this.registry = place.registry;
    this.since = since;
    this.#onChange = onChange;
    this.key = watchedKey({ accountId: this.accountId, build });
    this.place = place;
    this.model = model;
    this.#build = build;
    this.#words = stateWords(build.state);
    // Items of the same id would be one and the same.
    const item = vscode.window.createStatusBarItem(vscode.StatusBarAlignment.Left);
    item.name = vscode.l10n.t('Builds That Publish');
    item.tooltip = visibleText(this.title);
    item.command = { command: 'modelRegistries.showBuild', title: item.name, arguments: [this.key] };
    this.#item = item;
    this.#showInStatusBar();
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

  get words(): string {
    return this.#words;
  }

  say(words: string): void {
    const isNew = words !== this.#words;
    this.#words = words;
    this.#showInStatusBar();
    this.#report?.(words);
    if (isNew) this.#onChange(this);
  }

  /** From now on `report` is told what the status bar says, beginning with what is known; undefined for nobody. */
  reportTo(report: ((words: string) => void) | undefined): void {
    this.#report = report;
    report?.(this.#words);
  }

  leave(): void {
    this.#controller.abort();
  }

  /** Takes it out of the status bar. */
  dispose(): void {
    this.#item.dispose();
  }

  #showInStatusBar(): void {
    const text = vscode.l10n.t('Build {0}: {1}', this.#build.number, withBrokenIcons(this.#words));
    this.#item.text = `$(sync~spin) ${text}`;
  }
}
