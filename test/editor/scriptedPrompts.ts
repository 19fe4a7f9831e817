import * as vscode from 'vscode';
import { confirmItems } from '../../src/editor/confirmItems.ts';
import { latestSearch } from '../../src/editor/latestSearch.ts';
import type {
  Choice,
  ConfirmPrompt,
  InputPrompt,
  Notice,
  PickManyPrompt,
  PickPrompt,
  Prompts,
  ReportProgress,
  SearchItem,
  SearchPrompt,
} from '../../src/editor/prompts.ts';
import { until } from '../setup/until.ts';

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
  /** The labels that are ticked; absent, what was ticked at first. */
  readonly pickMany?: Readonly<Record<string, readonly string[]>>;
  readonly search?: Readonly<Record<string, (box: SearchBox) => Promise<string | undefined>>>;
  /** `enter` presses the default button, `other` the first beside the action, and a label the button that has it. */
  readonly confirm?: Readonly<Record<string, boolean | 'other' | 'enter' | (string & {})>>;
  /** The absolute path of the folder or file. */
  readonly path?: Readonly<Record<string, string>>;
  /** The id of the action. */
  readonly notify?: Readonly<Record<string, string>>;
  /** Called when progress begins and at every report, to cancel. */
  readonly progress?: Readonly<Record<string, (cancel: () => void, message: string | undefined) => void>>;
}

/** The search box, as a script works it; it gives the label of its choice in the end, or undefined to leave. */
export interface SearchBox {
  /** What the rows say: labels and descriptions. */
  readonly rows: readonly string[];
  readonly busy: boolean;
  /** Takes the place of the text in the box. */
  type(text: string): void;
  /** Resolves once the search has ended. */
  idle(): Promise<void>;
  /** Chooses a remark. */
  choose(label: string): void;
  /** Presses the Back button, in place of a choice. */
  back(): void;
  /** Presses the button of that tooltip in the row of that label. */
  press(label: string, tooltip: string): Promise<void>;
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

  /** Types one text after the other until one is the answer itself. */
  const typeOwn = <T>({ id, title, own }: SearchPrompt<T>, texts: readonly string[]): T | undefined => {
    const refusals: string[] = [];
    note(id, title, { refusals });
    for (const text of texts) {
      const row = own?.row(text);
      if (row?.kind === 'match') return row.value;
      if (row) refusals.push(row.label);
    }
    return undefined;
  };

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
      const { signal } = new AbortController();
      let choices: readonly Choice<T>[];
      if (typeof prompt.choices === 'function') choices = await prompt.choices(signal);
      else if ('lists' in prompt.choices) {
        const wanted = script.pick?.[prompt.id];
        choices = [];
        for await (const list of prompt.choices.lists(signal)) {
          choices = list;
          if (choices.some(({ label }) => label === wanted)) break;
        }
        if (choices.length === 1) return choices[0]?.value;
      } else choices = prompt.choices;
      note(prompt.id, prompt.title, { choices: choices.map(({ label }) => label) });
      return choices.find(({ label }) => label === script.pick?.[prompt.id])?.value;
    },
    pickMany<T>(prompt: PickManyPrompt<T>) {
      note(prompt.id, prompt.title, { choices: prompt.choices.map(({ label }) => label) });
      const labels = script.pickMany?.[prompt.id];
      const isTicked = ({ label, value }: Choice<T>) =>
        labels ? labels.includes(label) : (prompt.ticked ?? []).includes(value);
      return Promise.resolve(prompt.choices.filter(isTicked).map(({ value }) => value));
    },
    async search<T>(prompt: SearchPrompt<T>) {
      const texts = script.input?.[prompt.id];
      if (texts && !script.search?.[prompt.id]) return typeOwn(prompt, texts);
      let items: readonly SearchItem<T>[] = [];
      let busy = false;
      const left: { back: boolean } = { back: false };
      let text = prompt.own?.value ?? '';
      let failed: { readonly error: unknown } | undefined;
      const searching = latestSearch<SearchItem<T>>({
        find: prompt.find,
        show: (found) => {
          const own = prompt.own?.row(text);
          items = own ? [own, ...found.filter(({ label }) => label !== own.label)] : found;
        },
        busy: (now) => (busy = now),
        fail: (error) => (failed = { error }),
      });
      const row = (label: string) => {
        const found = items.find((item) => item.label === label);
        if (!found) throw new Error(`${label} is not among ${items.map((item) => item.label).join(', ')}`);
        return found;
      };
      const box: SearchBox = {
        get rows() {
          return items.map((item) =>
            item.kind === 'match' ? [item.label, item.description].join(' ') : item.label,
          );
        },
        get busy() {
          return busy;
        },
        type(typed) {
          text = typed;
          searching.start(typed, 0);
        },
        async idle() {
          await until(() => !busy || failed !== undefined, `the search of ${prompt.id} has ended`);
          if (failed) throw failed.error;
        },
        choose(label) {
          const remark = row(label);
          if (remark.kind !== 'remark') throw new Error(`${label} is a match.`);
          remark.run?.();
          searching.start(text, 0);
        },
        back() {
          left.back = true;
        },
        async press(label, tooltip) {
          const match = row(label);
          const button =
            match.kind === 'match' ? match.buttons?.find((one) => one.tooltip === tooltip) : undefined;
          if (!button) throw new Error(`${label} has no button ${tooltip}.`);
          await button.run();
        },
      };
      try {
        searching.start('', 0);
        const chosen = await script.search?.[prompt.id]?.(box);
        note(prompt.id, prompt.title, { choices: items.map(({ label }) => label) });
        if (left.back) return prompt.back;
        const found = items.find(({ label }) => label === chosen);
        return found?.kind === 'match' ? found.value : undefined;
      } finally {
        searching.stop();
      }
    },
    async confirm(prompt: ConfirmPrompt) {
      const items = confirmItems(prompt);
      note(prompt.id, [prompt.message, prompt.detail].filter(Boolean).join('\n'), {
        choices: items.filter(({ isCloseAffordance }) => !isCloseAffordance).map(({ title }) => title),
      });
      const answer = script.confirm?.[prompt.id] ?? false;
      const other =
        answer === 'other' ? 0 : (prompt.others?.findIndex(({ label }) => label === answer) ?? -1);
      await prompt.others?.[other]?.run();
      return answer === 'enter' ? items[0]?.title === prompt.action : answer === true;
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
      return Promise.resolve(uriOf(script.path?.[options.id]));
    },
    saveFile(options) {
      note(options.id, options.title);
      return Promise.resolve(uriOf(script.path?.[options.id]));
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

function uriOf(path: string | undefined): vscode.Uri | undefined {
  return path === undefined ? undefined : vscode.Uri.file(path);
}
