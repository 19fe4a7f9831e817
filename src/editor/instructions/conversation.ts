import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { Snippet } from '../../core/instructions/snippets.ts';
import type { ShellId } from '../../core/shells/shells.ts';
import { chosenCommand, onDidChooseCommand, rememberCommand } from '../chosenCommand.ts';
import { isAbort } from '../commands.ts';
import type { Services } from '../services.ts';
import type { Conversation } from '../webviews/panels.ts';
import {
  type InstalledState,
  type PanelContent,
  type PanelSubject,
  firstInputs,
  firstTab,
} from './content.ts';
import { type MessageToPanel, type NoticeSubject, TAB_IDS, messageFromPanel } from './messages.ts';
import { areOptionsOpen, rememberOptions } from './optionsFold.ts';
import { isRunnable, panelState, tabSnippets } from './panelState.ts';
import type { PanelWork } from './panelWork.ts';
import { PolicyLook } from './policyLook.ts';
import { type SavedPanel, savePanel } from './savedPanel.ts';
import { UsesLook } from './usesLook.ts';

/** What a panel begins with. */
export type PanelStart = { readonly subject: PanelSubject } & Partial<Pick<SavedPanel, 'inputs' | 'tab'>>;

/** What a person did in a panel, and what was found out for it. */
type Shown = Pick<PanelContent, 'inputs' | 'tab' | 'installed'> & {
  readonly variables: PanelContent['choice']['variables'];
};

/** Milliseconds of no typing after which the files of the model that was typed are looked at. */
const TYPING_PAUSE_MS = 400;

/**
 * The host's side of a panel with commands. A page hidden and shown again is made anew and says `ready` again, so it
 * always gets the whole state.
 */
export class PanelConversation implements Conversation {
  readonly #services: Pick<Services, 'globalMemory' | 'log'>;
  readonly #work: PanelWork;
  readonly #subject: PanelSubject;
  readonly #post: (message: MessageToPanel) => PromiseLike<unknown>;
  readonly #closed = new AbortController();
  readonly #uses: UsesLook;
  readonly #policy: PolicyLook;
  readonly #subscription: vscode.Disposable;
  #shown: Shown;
  /** Known before anything is answered. */
  #builds: PanelContent['builds'];
  /** Whether the page's script runs: what it is sent before is lost. */
  #listens = false;
  /** What the page was sent last, and so what a person has copied or run who looks at it. */
  #sent: PanelContent | undefined;

  constructor(
    services: Pick<Services, 'globalMemory' | 'log'>,
    work: PanelWork,
    { subject, inputs = firstInputs(subject), tab = firstTab(subject) }: PanelStart,
    post: (message: MessageToPanel) => PromiseLike<unknown>,
  ) {
    this.#services = services;
    this.#work = work;
    this.#subject = subject;
    this.#post = post;
    this.#shown = { inputs, tab, installed: { kind: 'looking' }, variables: 'inCommand' };
    const onChange = () => this.#sendState();
    this.#uses = new UsesLook(work, services.log, onChange, this.#closed.signal);
    this.#policy = new PolicyLook(work, services.log, onChange, this.#closed.signal);
    // In any panel, this one too.
    this.#subscription = onDidChooseCommand(services.globalMemory, () => {
      if (this.#listens) void this.#sendState();
    });
  }

  async receive(message: unknown): Promise<void> {
    const { data } = messageFromPanel.safeParse(message);
    this.#builds ??= await this.#work.builds();
    this.#listens ||= data !== undefined;
    switch (data?.kind) {
      case undefined:
        this.#services.log.warn(
          'The instructions panel sent a message that is none of its own; it was dropped.',
        );
        return;
      case 'ready':
        await this.#sendState();
        await Promise.all([this.#lookForClients(), this.#lookAtFiles(0), this.#lookAtPolicy()]);
        return;
      case 'choose':
        return rememberCommand(this.#services.globalMemory, { client: data.client, shell: data.shell });
      case 'tab':
        await this.#change({ tab: data.tab });
        await Promise.all([this.#lookAtFiles(0), this.#lookAtPolicy()]);
        return;
      case 'edit':
        await this.#change({ inputs: { ...this.#shown.inputs, [data.field]: data.value } });
        return this.#lookAtFiles(TYPING_PAUSE_MS);
      case 'variables':
        return this.#change({ variables: data.inTerminal ? 'inTerminal' : 'inCommand' });
      case 'options':
        return rememberOptions(this.#services.globalMemory, data.open);
      case 'copy':
        return this.#copy(data.snippet);
      case 'run':
        return this.#telling({ kind: 'snippet', id: data.snippet }, () => this.#run(data.snippet));
      case 'openTerminal':
        return this.#telling({ kind: 'terminal' }, () => this.#openTerminal());
      case 'createReadToken':
        return this.#telling({ kind: 'readToken' }, () => this.#createReadToken());
      case 'chooseFolder': {
        const folder = await this.#work.chooseFolder();
        if (folder !== undefined) await this.#change({ inputs: { ...this.#shown.inputs, folder } });
        return;
      }
    }
  }

  /** A client may have been installed meanwhile, and the policy changed. */
  async activated(): Promise<void> {
    await Promise.all([this.#lookForClients(), this.#lookAtPolicy()]);
  }

  dispose(): void {
    this.#closed.abort();
    this.#subscription.dispose();
    this.#work.dispose();
  }

  #content(): PanelContent {
    const { inputs, tab, installed, variables } = this.#shown;
    const subject = this.#subject;
    return {
      subject,
      inputs,
      tab,
      choice: { ...chosenCommand(this.#services.globalMemory), variables },
      installed,
      uses: this.#uses.state,
      builds: this.#builds,
      mayCreateReadToken: this.#work.mayCreateReadToken(),
      policy: this.#policy.state,
      optionsOpen: areOptionsOpen(this.#services.globalMemory),
      saved: savePanel({ subject, inputs, tab }),
    };
  }

  async #change(change: Partial<Shown>): Promise<void> {
    this.#shown = { ...this.#shown, ...change };
    await this.#sendState();
  }

  async #sendState(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    this.#sent = this.#content();
    await this.#post({ kind: 'state', state: panelState(this.#sent) });
  }

  async #lookForClients(): Promise<void> {
    try {
      const clients = await this.#work.installed(this.#closed.signal);
      const installed: InstalledState = clients ? { kind: 'known', clients } : { kind: 'untrusted' };
      await this.#change({ installed });
    } catch (error) {
      if (!isAbort(error)) throw error;
    }
  }

  /** Looks at the model's files where the tab that needs them is shown. */
  async #lookAtFiles(pauseMs: number): Promise<void> {
    const { tab, inputs } = this.#shown;
    if (tab === 'code') await this.#uses.look(inputs.model.trim(), inputs.revision.trim(), pauseMs);
  }

  /** Asks for the registry's policy where the tab that it decides about is shown. */
  async #lookAtPolicy(): Promise<void> {
    if (this.#shown.tab === 'pipeline' && this.#builds) await this.#policy.look();
  }

  async #copy(id: string): Promise<void> {
    const text = this.#sent && snippetOf(this.#sent, id)?.text;
    if (text === undefined) return;
    await this.#work.copy(text);
    await this.#post({ kind: 'copied', snippet: id });
  }

  /** The same command as is shown, for a terminal that has the variables, in the shell that it turns out to have. */
  async #run(id: string): Promise<string | undefined> {
    const content = this.#sent;
    if (!content) return undefined;
    const written = (shell: ShellId) =>
      snippetOf({ ...content, choice: { ...content.choice, shell, variables: 'inTerminal' } }, id);
    const shown = written(content.choice.shell);
    if (!shown || !isRunnable(shown)) return undefined;
    const ran = await this.#work.run((shell) => {
      const { text, explanation } = written(shell) ?? shown;
      if (text === undefined) throw new Failure('refused', explanation[0] ?? '');
      return text;
    }, this.#closed.signal);
    return ran === 'ran'
      ? vscode.l10n.t('Running in the terminal: {0}', shown.title)
      : vscode.l10n.t(
          'The command is in the terminal and was not run, because it is written for another shell than this one: check it before you press Enter.',
        );
  }

  async #openTerminal(): Promise<string> {
    await this.#work.openTerminal();
    await this.#change({ variables: 'inTerminal' });
    return vscode.l10n.t(
      'The terminal is open. Commands are now shown without token and address, which it has already.',
    );
  }

  async #createReadToken(): Promise<string | undefined> {
    const description = await this.#work.createReadToken();
    return description === undefined
      ? undefined
      : vscode.l10n.t('The read token “{0}” is in the clipboard.', description);
  }

  /** Does it, and tells in the page how it went. @param task Gives the sentence; undefined where there is none. */
  async #telling(about: NoticeSubject, task: () => Promise<string | undefined>): Promise<void> {
    try {
      const sentence = await task();
      if (sentence !== undefined) await this.#post({ kind: 'notice', about, outcome: 'done', sentence });
    } catch (error) {
      if (isAbort(error)) return;
      if (!(error instanceof Failure)) throw error;
      this.#services.log.warn(`instructions panel: ${error.message}`);
      await this.#post({ kind: 'notice', about, outcome: 'failed', sentence: error.message });
    }
  }
}

/** A snippet by its id, whichever tab it is in. */
function snippetOf(content: PanelContent, id: string): Snippet | undefined {
  return TAB_IDS.flatMap((tab) => tabSnippets(content, tab)).find((snippet) => snippet.id === id);
}
