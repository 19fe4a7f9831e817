import type * as vscode from 'vscode';

/**
 * Every question the extension asks and every sentence it says, so that tests walk the real flows with scripted
 * answers. Dismissing a prompt gives undefined (or false); it is never an error. `id` names the prompt in tests and is
 * not shown.
 */
export interface Prompts {
  input(prompt: InputPrompt): Promise<string | undefined>;
  pick<T>(prompt: PickPrompt<T>): Promise<T | undefined>;
  /** Any number of choices, none too. */
  pickMany<T>(prompt: PickManyPrompt<T>): Promise<readonly T[] | undefined>;
  /** A choice among what is found for a text while it is typed. */
  search<T>(prompt: SearchPrompt<T>): Promise<T | undefined>;
  /** A modal question with one action beside Cancel. */
  confirm(prompt: ConfirmPrompt): Promise<boolean>;
  /** A notification. Gives the chosen action's `id`, or undefined when it is dismissed. */
  notify(notice: Notice): Promise<string | undefined>;
  /** A notification with progress around `task`, unless that ends at once. Its Cancel button aborts the signal. */
  progress<T>(
    options: { readonly id: string; readonly title: string; readonly cancellable: boolean },
    task: (report: ReportProgress, signal: AbortSignal) => Promise<T>,
  ): Promise<T>;
  /** Native dialog for one existing folder. */
  openFolder(options: {
    readonly id: string;
    readonly title: string;
    readonly action: string;
    readonly start?: vscode.Uri;
  }): Promise<vscode.Uri | undefined>;
  /** Native dialog for a file that may exist, and is then replaced: the dialog asks. */
  saveFile(options: {
    readonly id: string;
    readonly title: string;
    readonly action: string;
    readonly start?: vscode.Uri;
  }): Promise<vscode.Uri | undefined>;
  /** Opens an address outside the editor; the caller has checked where it leads. */
  openExternal(url: URL): Promise<void>;
  copy(text: string): Promise<void>;
}

export interface PromptBase {
  readonly id: string;
  readonly title: string;
  readonly placeholder?: string;
  /** Position in a flow of several prompts, shown as (step/totalSteps). */
  readonly step?: number;
  readonly totalSteps?: number;
  /** Buttons in the title bar. The prompt stays open after `run`. */
  readonly buttons?: readonly PromptButton[];
}

export interface PromptButton {
  /** Codicon name without `$( )`. */
  readonly icon: string;
  readonly tooltip: string;
  readonly run: () => void | Promise<void>;
}

export interface InputPrompt extends PromptBase {
  readonly prompt: string;
  /** Stands behind the prompt, and opens a page. The box stays open. */
  readonly link?: { readonly label: string; readonly url: URL };
  readonly value?: string;
  /** Hides what is typed and keeps the box open when the window loses focus. */
  readonly password?: boolean;
  /** Called at every change; a sentence refuses the text. */
  readonly check?: (value: string) => string | undefined;
  /**
   * Called on Enter, with a busy box. A sentence refuses the text: the box stays open with it, to try again. The signal
   * is aborted when the person leaves the box or changes the text.
   */
  readonly accept?: (value: string, signal: AbortSignal) => Promise<string | undefined>;
}

export interface Choice<T> {
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
  /** Codicon name without `$( )`. */
  readonly icon?: string;
  /** Heading under which this and the following choices stand. */
  readonly group?: string;
  readonly value: T;
}

export interface PickPrompt<T> extends PromptBase {
  /** A function is called once, with a busy box; what it throws closes the prompt and is thrown on. */
  readonly choices:
    | readonly Choice<T>[]
    | ((signal: AbortSignal) => Promise<readonly Choice<T>[]>)
    | ComingChoices<T>;
  /** The choice that is active at first, or once it comes. */
  readonly active?: T;
}

/** Choices of which some take a while. */
interface ComingChoices<T> {
  /**
   * Called once. Each list takes the place of the one before it; the box is busy until the last, and one can choose before.
   * Where the last list holds one choice alone, that is taken: there is nothing to ask.
   */
  lists(signal: AbortSignal): AsyncIterable<readonly Choice<T>[]>;
}

export interface PickManyPrompt<T> extends PromptBase {
  readonly choices: readonly Choice<T>[];
  /** What is ticked at first. */
  readonly ticked?: readonly T[];
}

export interface SearchPrompt<T> extends PromptBase {
  /**
   * Called with '' at first, and with what is typed whenever typing pauses. Each list takes the place of the one before
   * it; the box is busy until the last. The signal is aborted once the text changes or the box is left. What it throws
   * closes the prompt and is thrown on.
   */
  readonly find: (text: string, signal: AbortSignal) => AsyncIterable<readonly SearchItem<T>[]>;
  /** Where what is typed may be the answer itself: Enter takes it unless the person moved to another row. */
  readonly own?: OwnAnswer<T>;
  /** What the Back button answers; absent: there is none. */
  readonly back?: T;
}

interface OwnAnswer<T> {
  /** What stands in the box at first. */
  readonly value: string;
  /** The row for a text, which stands above all others: the answer, or why it is none. Called at every change. */
  readonly row: (text: string) => SearchItem<T> | undefined;
}

export type SearchItem<T> = Match<T> | Remark;

interface Match<T> extends Choice<T> {
  readonly kind: 'match';
  /** Buttons in the row. The prompt stays open after `run`. */
  readonly buttons?: readonly PromptButton[];
}

/** A row that says something about the search and is no result of it. */
export interface Remark {
  readonly kind: 'remark';
  readonly label: string;
  readonly detail?: string;
  /** Codicon name without `$( )`. */
  readonly icon: string;
  /** Run when the row is chosen; then it is searched again. Absent: choosing it does nothing. */
  readonly run?: () => void;
}

export interface ConfirmPrompt {
  readonly id: string;
  readonly message: string;
  readonly detail?: string;
  /** Label of the action. */
  readonly action: string;
  /** Label of the button that leaves the question as it is; VS Code's own “Cancel” where absent. */
  readonly dismissal?: string;
  /** What Enter answers; the action where absent. */
  readonly default?: 'action' | 'cancel';
  readonly severity?: 'information' | 'warning';
  /** Other ways to leave the question: the chosen one runs, and the answer is no. */
  readonly others?: readonly { readonly label: string; readonly run: () => void | Promise<void> }[];
}

export interface Notice {
  readonly id: string;
  readonly severity: 'information' | 'warning' | 'error';
  readonly message: string;
  readonly actions?: readonly { readonly id: string; readonly label: string }[];
}

/** `increment` in percent of the whole, as in `vscode.Progress`; `link` stands behind the message. */
export type ReportProgress = (value: {
  readonly message?: string;
  readonly increment?: number;
  readonly link?: { readonly label: string; readonly url: URL };
}) => void;
