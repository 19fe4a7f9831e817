import type {
  Choice,
  ConfirmPrompt,
  InputPrompt,
  Notice,
  PickPrompt,
  Prompts,
  ReportProgress,
} from '../../src/editor/prompts.ts';

/** One prompt as the person would have met it. */
export interface Asked {
  readonly id: string;
  /** Title, question or sentence. */
  readonly text: string;
  /** Sentences that refused what was typed, in order. */
  readonly refusals: readonly string[];
  /** Labels that could be chosen. */
  readonly choices: readonly string[];
}

/** What a person does at the prompt of that id. A prompt that the script does not name is dismissed. */
export interface Script {
  /** Texts typed and accepted one after the other until one is taken; then the box is left. */
  readonly input?: Readonly<Record<string, readonly string[]>>;
  /** The label of the choice. */
  readonly pick?: Readonly<Record<string, string>>;
  readonly confirm?: Readonly<Record<string, boolean>>;
  /** The id of the action. */
  readonly notify?: Readonly<Record<string, string>>;
  /** Called when progress begins and at every report, to cancel. */
  readonly progress?: Readonly<Record<string, (cancel: () => void, message: string | undefined) => void>>;
}

/** Prompts answered by a script, through the very checks and loads of the real flows. */
export interface ScriptedPrompts extends Prompts {
  readonly asked: readonly Asked[];
  readonly opened: readonly string[];
  readonly copied: readonly string[];
  /** The prompts of that id, in order. */
  of(id: string): readonly Asked[];
  /** Presses the first title button of the last input box. */
  pressButton(id: string): Promise<void>;
}

export function scriptedPrompts(script: Script): ScriptedPrompts {
  const asked: Asked[] = [];
  const opened: string[] = [];
  const copied: string[] = [];
  const buttons = new Map<string, () => void | Promise<void>>();
  const note = (id: string, text: string, more: Partial<Asked> = {}) =>
    asked.push({ id, text, refusals: [], choices: [], ...more });

  return {
    asked,
    opened,
    copied,
    of: (id) => asked.filter((prompt) => prompt.id === id),
    pressButton: async (id) => {
      await buttons.get(id)?.();
    },
    async input(prompt: InputPrompt) {
      const refusals: string[] = [];
      note(prompt.id, prompt.title, { refusals });
      const [button] = prompt.buttons ?? [];
      if (button) buttons.set(prompt.id, button.run);
      for (const text of script.input?.[prompt.id] ?? []) {
        const refusal = prompt.check?.(text) ?? (await prompt.accept?.(text, new AbortController().signal));
        if (refusal === undefined) return text;
        refusals.push(refusal);
      }
      return undefined;
    },
    async pick<T>(prompt: PickPrompt<T>) {
      const choices: readonly Choice<T>[] =
        typeof prompt.choices === 'function'
          ? await prompt.choices(new AbortController().signal)
          : prompt.choices;
      note(prompt.id, prompt.title, { choices: choices.map(({ label }) => label) });
      return choices.find(({ label }) => label === script.pick?.[prompt.id])?.value;
    },
    confirm(prompt: ConfirmPrompt) {
      note(prompt.id, [prompt.message, prompt.detail].filter(Boolean).join('\n'));
      return Promise.resolve(script.confirm?.[prompt.id] ?? false);
    },
    notify(notice: Notice) {
      const actions = notice.actions ?? [];
      note(notice.id, notice.message, { choices: actions.map(({ id }) => id) });
      const wanted = script.notify?.[notice.id];
      return Promise.resolve(actions.find(({ id }) => id === wanted)?.id);
    },
    async progress<T>(
      options: { readonly id: string; readonly title: string },
      task: (report: ReportProgress, signal: AbortSignal) => Promise<T>,
    ) {
      note(options.id, options.title);
      const controller = new AbortController();
      const react = (message: string | undefined) =>
        script.progress?.[options.id]?.(() => controller.abort(), message);
      react(undefined);
      return task(({ message }) => react(message), controller.signal);
    },
    openFolder(options) {
      note(options.id, options.title);
      return Promise.resolve(undefined);
    },
    openExternal(url) {
      opened.push(url.href);
      return Promise.resolve();
    },
    copy(text) {
      copied.push(text);
      return Promise.resolve();
    },
  };
}
