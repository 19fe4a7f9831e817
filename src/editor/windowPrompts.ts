import * as vscode from 'vscode';
import { visibleLine, visibleText } from '../core/visibleText.ts';
import { confirmItems } from './confirmItems.ts';
import { latestSearch } from './latestSearch.ts';
import { linkTo, withBrokenIcons, withoutIcons, withoutLinks, withoutLinksAndIcons } from './plainText.ts';
import type {
  Choice,
  PickManyPrompt,
  PickPrompt,
  PromptBase,
  PromptButton,
  Prompts,
  ReportProgress,
  SearchItem,
  SearchPrompt,
} from './prompts.ts';

/** Milliseconds without a keystroke after which a search begins: a word typed at once is one search. */
const TYPING_PAUSE_MS = 300;

/** Milliseconds in which choices that take a while may come to one alone, before a box is shown. */
const UNSHOWN_MS = 150;

/** Milliseconds of work that no notification shows: it would flash, and VS Code drops the fourth of 800 ms. */
const UNTOLD_MS = 400;

/**
 * The prompts as a person sees them. A question stays until it is answered or Escape is pressed: what was typed is not lost by a look
 * elsewhere, such as at the page that makes a token, or when something else takes the focus, as a menu that closes.
 */
export const windowPrompts: Prompts = {
  input: (prompt) =>
    new Promise((resolve, reject) => {
      const box = vscode.window.createInputBox();
      // Settles before the box is disposed, because disposing hides it and that would settle as dismissed.
      const finish = (settle: () => void) => {
        settle();
        stopChecking();
        box.dispose();
      };
      const fail = (error: unknown) => finish(() => reject(asError(error)));
      decorate(box, prompt, fail);
      box.prompt = [
        withoutLinksAndIcons(prompt.prompt),
        ...(prompt.link ? [linkTo(prompt.link.label, prompt.link.url)] : []),
      ].join(' ');
      box.value = prompt.value ?? '';
      box.password = prompt.password ?? false;
      box.ignoreFocusOut = true;

      let checking: AbortController | undefined;
      const stopChecking = () => {
        checking?.abort();
        checking = undefined;
        box.busy = false;
      };
      const refuse = (sentence: string | undefined) => {
        box.validationMessage = withoutLinksAndIcons(sentence ?? '');
      };
      const accept = async () => {
        const { value } = box;
        const refusal = prompt.check?.(value);
        if (refusal !== undefined) {
          refuse(refusal);
          return;
        }
        if (!prompt.accept) {
          finish(() => resolve(value));
          return;
        }
        const controller = new AbortController();
        checking = controller;
        box.busy = true;
        refuse(undefined);
        try {
          const answer = await prompt.accept(value, controller.signal);
          if (controller.signal.aborted) return;
          stopChecking();
          if (answer === undefined) finish(() => resolve(value));
          else refuse(answer);
        } catch (error) {
          if (!controller.signal.aborted) fail(error);
        }
      };
      box.onDidChangeValue((value) => {
        stopChecking();
        refuse(prompt.check?.(value));
      });
      box.onDidAccept(() => {
        if (!checking) void accept();
      });
      box.onDidHide(() => finish(() => resolve(undefined)));
      box.show();
    }),

  pick: <T>(prompt: PickPrompt<T>) =>
    new Promise<T | undefined>((resolve, reject) => {
      const box = vscode.window.createQuickPick<ChoiceItem<T>>();
      const loading = new AbortController();
      const finish = (settle: () => void) => {
        settle();
        loading.abort();
        box.dispose();
      };
      const fail = (error: unknown) => finish(() => reject(asError(error)));
      decorate(box, prompt, fail);
      box.ignoreFocusOut = true;
      box.matchOnDescription = true;
      box.matchOnDetail = true;

      let shown: readonly Choice<T>[] = [];
      const show = (choices: readonly Choice<T>[]) => {
        const isNew = ({ value }: Choice<T>) => !shown.some((one) => one.value === value);
        const preset = choices.find((choice) => choice.value === prompt.active && isNew(choice));
        const active = prompt.active !== undefined && preset ? preset : box.activeItems[0]?.choice;
        shown = choices;
        box.items = choices.flatMap((choice, index) => choiceItems(choice, choices[index - 1]?.group));
        const items = box.items.filter((item) => item.choice && item.choice.value === active?.value);
        if (active && items.length > 0) box.activeItems = items;
      };
      const load = async (lists: AsyncIterable<readonly Choice<T>[]>, takesSole: boolean) => {
        box.busy = true;
        for await (const choices of lists) {
          if (loading.signal.aborted) return;
          show(choices);
        }
        box.busy = false;
        const [only] = shown;
        if (takesSole && only && shown.length === 1) finish(() => resolve(only.value));
      };
      const begin = async ({ choices }: PickPrompt<T>) => {
        if (typeof choices === 'function') await load(onlyList(choices(loading.signal)), false);
        else if ('lists' in choices) await load(choices.lists(loading.signal), true);
        else show(choices);
      };
      begin(prompt).catch((error: unknown) => {
        if (!loading.signal.aborted) fail(error);
      });
      box.onDidAccept(() => {
        const choice = box.activeItems[0]?.choice;
        if (choice) finish(() => resolve(choice.value));
      });
      box.onDidHide(() => finish(() => resolve(undefined)));
      if (typeof prompt.choices === 'function' || !('lists' in prompt.choices)) {
        box.show();
        return;
      }
      // What is taken at once flashes no box.
      const timer = setTimeout(() => box.show(), UNSHOWN_MS);
      loading.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
    }),

  pickMany: <T>(prompt: PickManyPrompt<T>) =>
    new Promise<readonly T[] | undefined>((resolve, reject) => {
      const box = vscode.window.createQuickPick<ChoiceItem<T>>();
      const finish = (settle: () => void) => {
        settle();
        box.dispose();
      };
      decorate(box, prompt, (error) => finish(() => reject(asError(error))));
      box.ignoreFocusOut = true;
      box.canSelectMany = true;
      box.matchOnDescription = true;
      box.items = prompt.choices.flatMap((choice, index) =>
        choiceItems(choice, prompt.choices[index - 1]?.group),
      );
      box.selectedItems = box.items.filter(({ choice }) => choice && prompt.ticked?.includes(choice.value));
      box.onDidAccept(() => {
        const chosen = box.selectedItems.flatMap(({ choice }) => (choice ? [choice.value] : []));
        finish(() => resolve(chosen));
      });
      box.onDidHide(() => finish(() => resolve(undefined)));
      box.show();
    }),

  search: <T>(prompt: SearchPrompt<T>) =>
    new Promise<T | undefined>((resolve, reject) => {
      const box = vscode.window.createQuickPick<FoundItem<T>>();
      const finish = (settle: () => void) => {
        settle();
        searching.stop();
        box.dispose();
      };
      const fail = (error: unknown) => finish(() => reject(asError(error)));
      decorate(box, prompt, fail);
      const rows = new SearchRows(box, prompt.own);
      const searching = latestSearch<SearchItem<T>>({
        find: prompt.find,
        show: (found) => {
          rows.show(found);
          const awaited = rows.awaited();
          if (awaited) finish(() => resolve(awaited.value));
        },
        busy: (busy) => {
          box.busy = busy;
        },
        fail,
      });
      box.onDidChangeValue((text) => {
        rows.typed();
        searching.start(text, TYPING_PAUSE_MS);
      });
      box.onDidAccept(() => {
        const found = rows.chosen();
        if (found?.kind === 'match') finish(() => resolve(found.value));
        if (found?.kind !== 'remark' || !found.run) return;
        found.run();
        searching.start(box.value, 0);
      });
      box.onDidTriggerItemButton(({ item, button }) => {
        press(item.buttons, button, fail);
      });
      if (prompt.back !== undefined) {
        box.buttons = [vscode.QuickInputButtons.Back, ...box.buttons];
        box.onDidTriggerButton((button) => {
          if (button === vscode.QuickInputButtons.Back) finish(() => resolve(prompt.back));
        });
      }
      box.onDidHide(() => finish(() => resolve(undefined)));
      searching.start('', 0);
      box.show();
    }),

  confirm: async (prompt) => {
    const { message, detail, action, severity, others = [] } = prompt;
    const show =
      severity === 'warning' ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
    const chosen = (
      await show(
        visibleText(message),
        { modal: true, detail: detail === undefined ? undefined : visibleText(detail) },
        ...confirmItems(prompt),
      )
    )?.title;
    await others.find(({ label }) => label === chosen)?.run();
    return chosen === action;
  },

  notify: async ({ severity, message, actions = [] }) => {
    const show = {
      information: vscode.window.showInformationMessage,
      warning: vscode.window.showWarningMessage,
      error: vscode.window.showErrorMessage,
    }[severity];
    const items = actions.map(({ id, label }) => ({ id, title: label }));
    return (await show(withoutLinks(message), ...items))?.id;
  },

  progress: async ({ title, cancellable }, task) => {
    const controller = new AbortController();
    const early: Parameters<ReportProgress>[0][] = [];
    let report: ReportProgress = (value) => {
      early.push(value);
    };
    const work = task((value) => report(value), controller.signal);
    if (await endsSoon(work)) return work;
    return vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: withoutLinks(title), cancellable },
      async (progress, token) => {
        report = (value) => progress.report(progressStep(value));
        early.forEach(report);
        const subscription = token.onCancellationRequested(() => controller.abort());
        try {
          return await work;
        } finally {
          subscription.dispose();
        }
      },
    );
  },

  openFolder: async ({ title, action, start }) => {
    const chosen = await vscode.window.showOpenDialog({
      title: visibleLine(title),
      openLabel: action,
      defaultUri: start,
      canSelectFiles: false,
      canSelectFolders: true,
      canSelectMany: false,
    });
    return chosen?.[0];
  },

  saveFile: async ({ title, action, start }) =>
    vscode.window.showSaveDialog({ title: visibleLine(title), saveLabel: action, defaultUri: start }),

  openExternal: async (url) => {
    await vscode.env.openExternal(vscode.Uri.parse(url.href, true));
  },

  copy: async (text) => {
    // A terminal obeys control characters of what is pasted.
    await vscode.env.clipboard.writeText(visibleText(text));
  },
};

/** Whether it ends before a person wonders. Throws what `work` throws until then. */
async function endsSoon(work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const later = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, UNTOLD_MS, false);
  });
  try {
    return await Promise.race([work.then(() => true), later]);
  } finally {
    clearTimeout(timer);
  }
}

function progressStep({ message, increment, link }: Parameters<ReportProgress>[0]) {
  const parts = [
    ...(message === undefined ? [] : [withoutLinks(message)]),
    ...(link === undefined ? [] : [linkTo(link.label, link.url)]),
  ];
  return {
    ...(parts.length > 0 && { message: parts.join(' · ') }),
    ...(increment !== undefined && { increment }),
  };
}

async function* onlyList<T>(list: Promise<T>): AsyncGenerator<T> {
  yield await list;
}

type ChoiceItem<T> = vscode.QuickPickItem & { readonly choice?: Choice<T> };

function choiceItems<T>(choice: Choice<T>, groupBefore: string | undefined): ChoiceItem<T>[] {
  const item = {
    choice,
    label: withoutIcons(choice.label),
    description: choice.description === undefined ? undefined : withoutIcons(choice.description),
    detail: choice.detail === undefined ? undefined : withoutIcons(choice.detail),
    iconPath: choice.icon === undefined ? undefined : new vscode.ThemeIcon(choice.icon),
  };
  if (choice.group === undefined || choice.group === groupBefore) return [item];
  return [{ label: withBrokenIcons(choice.group), kind: vscode.QuickPickItemKind.Separator }, item];
}

/**
 * The rows of a search. A key pressed at once meets the rows of a text that is no more, of which VS Code makes the best
 * match the active one. Where what is typed may be the answer, it has the first row, and Enter takes it until that row
 * was shown for the whole text; elsewhere Enter takes the first match for the text once that comes.
 */
class SearchRows<T> {
  readonly #box: vscode.QuickPick<FoundItem<T>>;
  readonly #own: SearchPrompt<T>['own'];
  #found: readonly SearchItem<T>[] = [];
  #ownItem: FoundItem<T> | undefined;
  #isOwnShown = true;
  /** Whether the rows are those of the text in the box. */
  #isOfText = false;
  /** Whether Enter was pressed for the text before its rows came. */
  #isAwaited = false;

  constructor(box: vscode.QuickPick<FoundItem<T>>, own: SearchPrompt<T>['own']) {
    this.#box = box;
    this.#own = own;
    if (own === undefined) return;
    box.ignoreFocusOut = true;
    box.value = own.value;
    box.onDidChangeActive(([active]) => {
      if (active !== undefined && active === this.#ownItem) this.#isOwnShown = true;
    });
    this.#draw();
  }

  show(found: readonly SearchItem<T>[]): void {
    this.#found = found;
    const chosen = this.#box.activeItems[0];
    // VS Code moves to the first of new rows: a person stays where they are among those of one text.
    const stays = this.#own === undefined ? this.#isOfText : chosen !== this.#ownItem && this.#isOwnShown;
    this.#isOfText = true;
    this.#draw();
    if (!stays) return;
    const same = this.#box.items.find(
      ({ found: one, label }) => one && label === chosen?.label && groupOf(one) === groupOf(chosen.found),
    );
    if (same) this.#box.activeItems = [same];
  }

  /** Another text stands in the box. */
  typed(): void {
    this.#isOfText = false;
    this.#isAwaited = false;
    if (this.#own === undefined) return;
    this.#isOwnShown = false;
    this.#draw();
  }

  /** The first match for the text, where Enter was pressed before it came. */
  awaited(): Extract<SearchItem<T>, { readonly kind: 'match' }> | undefined {
    return this.#isAwaited ? this.#found.find((one) => one.kind === 'match') : undefined;
  }

  chosen(): SearchItem<T> | undefined {
    const active = this.#box.activeItems[0];
    const own = this.#own?.row(this.#box.value);
    if (this.#own === undefined) {
      this.#isAwaited = !this.#isOfText && this.#box.value.trim() !== '';
      return this.#isOfText ? active?.found : undefined;
    }
    return own?.kind === 'match' && (!this.#isOwnShown || active === this.#ownItem) ? own : active?.found;
  }

  #draw(): void {
    const own = this.#own?.row(this.#box.value);
    const others = this.#found.filter(({ label }) => label !== own?.label);
    const all = own === undefined ? others : [own, ...others];
    const items = all.flatMap((item, index) => foundItems(item, groupOf(all[index - 1])));
    this.#ownItem = own === undefined ? undefined : items[0];
    this.#box.items = items;
  }
}

type FoundItem<T> = Omit<vscode.QuickPickItem, 'buttons'> & {
  readonly found?: SearchItem<T>;
  readonly buttons?: readonly BoxButton[];
};

function foundItems<T>(found: SearchItem<T>, groupBefore: string | undefined): FoundItem<T>[] {
  // VS Code would leave out what it does not find the text in itself.
  if (found.kind === 'match') {
    const buttons = found.buttons?.map(boxButton) ?? [];
    return choiceItems(found, groupBefore).map(({ choice, ...item }) =>
      choice ? { ...item, found, alwaysShow: true, buttons } : { ...item, buttons: [] },
    );
  }
  const remark: FoundItem<T> = {
    found,
    label: withoutIcons(found.label),
    detail: found.detail === undefined ? undefined : withoutIcons(found.detail),
    iconPath: new vscode.ThemeIcon(found.icon),
    alwaysShow: true,
  };
  // An empty heading ends the group above.
  return groupBefore === undefined
    ? [remark]
    : [{ label: '', kind: vscode.QuickPickItemKind.Separator }, remark];
}

function groupOf<T>(found: SearchItem<T> | undefined): string | undefined {
  return found?.kind === 'match' ? found.group : undefined;
}

type BoxButton = vscode.QuickInputButton & Pick<PromptButton, 'run'>;

function boxButton({ icon, tooltip, run }: PromptButton): BoxButton {
  return { iconPath: new vscode.ThemeIcon(icon), tooltip, run };
}

/** Runs what the pressed one of `buttons` is for. */
function press(
  buttons: readonly BoxButton[] = [],
  pressed: vscode.QuickInputButton,
  fail: (error: unknown) => void,
): void {
  const run = buttons.find((button) => button === pressed)?.run;
  if (run) Promise.resolve().then(run).catch(fail);
}

/** Sets what every prompt has. `fail` gets what a button's action throws. */
function decorate(
  box: vscode.InputBox | vscode.QuickPick<vscode.QuickPickItem>,
  prompt: PromptBase,
  fail: (error: unknown) => void,
): void {
  box.title = visibleLine(prompt.title);
  box.placeholder = prompt.placeholder === undefined ? undefined : visibleLine(prompt.placeholder);
  box.step = prompt.step;
  box.totalSteps = prompt.totalSteps;
  const buttons = (prompt.buttons ?? []).map(boxButton);
  box.buttons = buttons;
  box.onDidTriggerButton((pressed) => press(buttons, pressed, fail));
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
