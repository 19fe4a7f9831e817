import type * as vscode from 'vscode';
import { relativeTime } from './relativeTime.ts';

/** How often ages are looked at, in milliseconds: they are told in minutes. */
const EVERY_MS = 20_000;

/** After how many milliseconds ages are told anew although somebody is using the window. */
const LONGEST_MS = 5 * 60_000;

/** Whether what is said of a time's age is not what was said of it before. */
export type IsAged = (date: Date) => boolean;

/** The view whose rows tell ages. */
type AgingView = Pick<vscode.TreeView<unknown>, 'visible' | 'onDidChangeVisibility'>;

interface AgesOptions {
  /** Language tag in which the rows tell ages. */
  readonly locale: string;
  /**
   * Whether somebody uses the window right now. VS Code drops a click on a row that it draws anew at that moment, and closes its menu: so
   * ages change while nobody does anything, unless that never comes.
   */
  readonly isUsed: () => boolean;
  /** Called now and then while the view is visible, and when it becomes so; what is not aged need not be drawn anew. */
  readonly onAged: (isAged: IsAged) => void;
  readonly everyMs?: number;
  readonly now?: () => Date;
}

/** Tells a view whose rows show how old something is, while a person can see it, that ages are to be told anew. */
export class Ages {
  readonly #view: AgingView;
  readonly #options: AgesOptions;
  readonly #now: () => Date;
  readonly #subscription: vscode.Disposable;
  readonly #timer: NodeJS.Timeout;
  /** All rows were drawn then, or after it. */
  #drawn: Date;

  constructor(view: AgingView, options: AgesOptions) {
    const { everyMs = EVERY_MS, now = () => new Date() } = options;
    this.#view = view;
    this.#options = options;
    this.#now = now;
    this.#drawn = now();
    this.#subscription = view.onDidChangeVisibility(() => this.#tell());
    this.#timer = setInterval(() => this.#look(), everyMs);
    this.#timer.unref();
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#subscription.dispose();
  }

  #look(): void {
    const isLate = this.#now().getTime() - this.#drawn.getTime() >= LONGEST_MS;
    if (isLate || !this.#options.isUsed()) this.#tell();
  }

  #tell(): void {
    if (!this.#view.visible) return;
    const { locale, onAged } = this.#options;
    const [before, now] = [this.#drawn, this.#now()];
    this.#drawn = now;
    onAged((date) => relativeTime(date, before, locale) !== relativeTime(date, now, locale));
  }
}
