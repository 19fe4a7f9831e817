import * as vscode from 'vscode';
import { withoutIcons, withoutLinks } from './plainText.ts';
import type { Choice, PickPrompt, PromptBase, Prompts } from './prompts.ts';

/** The prompts as a person sees them. */
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
      box.prompt = withoutLinks(prompt.prompt);
      box.value = prompt.value ?? '';
      box.password = prompt.password ?? false;
      box.ignoreFocusOut = prompt.password ?? false;

      let checking: AbortController | undefined;
      const stopChecking = () => {
        checking?.abort();
        checking = undefined;
        box.busy = false;
      };
      const refuse = (sentence: string | undefined) => {
        box.validationMessage = withoutLinks(sentence ?? '');
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
      box.matchOnDescription = true;
      box.matchOnDetail = true;

      const show = (choices: readonly Choice<T>[]) => {
        box.busy = false;
        box.items = choices.flatMap((choice, index) => choiceItems(choice, choices[index - 1]?.group));
        const active = box.items.filter((item) => item.choice && item.choice.value === prompt.active);
        if (prompt.active !== undefined && active.length > 0) box.activeItems = active;
      };
      if (typeof prompt.choices === 'function') {
        box.busy = true;
        prompt.choices(loading.signal).then(
          (choices) => {
            if (!loading.signal.aborted) show(choices);
          },
          (error: unknown) => {
            if (!loading.signal.aborted) fail(error);
          },
        );
      } else {
        show(prompt.choices);
      }
      box.onDidAccept(() => {
        const choice = box.activeItems[0]?.choice;
        if (choice) finish(() => resolve(choice.value));
      });
      box.onDidHide(() => finish(() => resolve(undefined)));
      box.show();
    }),

  confirm: async ({ message, detail, action, severity }) => {
    const show =
      severity === 'warning' ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
    return (await show(message, { modal: true, detail }, action)) === action;
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

  progress: async ({ title, cancellable }, task) =>
    vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable },
      async (progress, token) => {
        const controller = new AbortController();
        const subscription = token.onCancellationRequested(() => controller.abort());
        try {
          return await task((value) => progress.report(value), controller.signal);
        } finally {
          subscription.dispose();
        }
      },
    ),

  openFolder: async ({ title, action, start }) => {
    const chosen = await vscode.window.showOpenDialog({
      title,
      openLabel: action,
      defaultUri: start,
      canSelectFiles: false,
      canSelectFolders: true,
      canSelectMany: false,
    });
    return chosen?.[0];
  },

  openExternal: async (url) => {
    await vscode.env.openExternal(vscode.Uri.parse(url.href, true));
  },

  copy: async (text) => {
    await vscode.env.clipboard.writeText(text);
  },
};

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
  return [{ label: choice.group, kind: vscode.QuickPickItemKind.Separator }, item];
}

/** Sets what every prompt has. `fail` gets what a button's action throws. */
function decorate(
  box: vscode.InputBox | vscode.QuickPick<vscode.QuickPickItem>,
  prompt: PromptBase,
  fail: (error: unknown) => void,
): void {
  box.title = prompt.title;
  box.placeholder = prompt.placeholder;
  box.step = prompt.step;
  box.totalSteps = prompt.totalSteps;
  const buttons = (prompt.buttons ?? []).map(({ icon, tooltip, run }) => ({
    iconPath: new vscode.ThemeIcon(icon),
    tooltip,
    run,
  }));
  box.buttons = buttons;
  box.onDidTriggerButton((pressed) => {
    const run = buttons.find((button) => button === pressed)?.run;
    if (run) Promise.resolve().then(run).catch(fail);
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
