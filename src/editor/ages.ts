import type * as vscode from 'vscode';
import { relativeTime } from './relativeTime.ts';

/** How often ages are looked at, in milliseconds: they are told in minutes. */
const EVERY_MS = 20_000;

/** Whether what is said of a time's age is not what was said of it before. */
export type IsAged = (date: Date) => boolean;

/** The view whose rows tell ages. */
type AgingView = Pick<vscode.TreeView<unknown>, 'visible' | 'onDidChangeVisibility'>;

/** Tells a view whose rows show how old something is, while a person can see it, that ages are to be told anew. */
export class Ages {
  readonly #view: AgingView;
  readonly #locale: string;
  readonly #onAged: (isAged: IsAged) => void;
  readonly #now: () => Date;
  readonly #subscription: vscode.Disposable;
  readonly #timer: NodeJS.Timeout;
  /** All rows were drawn then, or after it. */
  #drawn: Date;

  /**
   * @param locale Language tag in which the rows tell ages.
   * @param onAged Called now and then while the view is visible, and when it becomes so; what is not aged need not be drawn anew.
   */
  constructor(
    view: AgingView,
    locale: string,
    onAged: (isAged: IsAged) => void,
    {
      everyMs = EVERY_MS,
      now = () => new Date(),
    }: { readonly everyMs?: number; readonly now?: () => Date } = {},
  ) {
    this.#view = view;
    this.#locale = locale;
    this.#onAged = onAged;
    this.#now = now;
    this.#drawn = now();
    this.#subscription = view.onDidChangeVisibility(() => this.#look());
    this.#timer = setInterval(() => this.#look(), everyMs);
    this.#timer.unref();
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#subscription.dispose();
  }

  #look(): void {
    if (!this.#view.visible) return;
    const [before, now] = [this.#drawn, this.#now()];
    this.#drawn = now;
    const said = (date: Date, at: Date) => relativeTime(date, at, this.#locale);
    this.#onAged((date) => said(date, before) !== said(date, now));
  }
}
