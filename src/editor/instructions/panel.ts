import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import { visibleLine } from '../../core/visibleText.ts';
import { isAbort } from '../commands.ts';
import { pageOf, webviewOptions } from '../webviews/panelAssets.ts';
import type { Services } from '../services.ts';
import { chosenCommand, rememberCommand } from '../chosenCommand.ts';
import { type MessageToPanel, TAB_IDS, messageFromPanel } from './messages.ts';
import {
  type InstalledState,
  type PanelContent,
  type PanelSubject,
  type UsesState,
  firstInputs,
  firstTab,
  panelState,
  tabSnippets,
} from './panelState.ts';
import { type PanelWork, type WorkServices, panelWork } from './panelWork.ts';
import { type SavedPanel, savePanel } from './savedPanel.ts';

export const PANEL_TYPE = 'modelRegistries.instructions';

/** What a panel needs of the {@link Services}. */
export type PanelServices = Pick<Services, 'extensionUri' | 'globalMemory' | 'log'> & WorkServices;

/** A new editor tab for `subject`, which {@link fillPanel} fills. */
export function openPanel({ extensionUri }: PanelServices, subject: PanelSubject): vscode.WebviewPanel {
  return vscode.window.createWebviewPanel(PANEL_TYPE, panelTitle(subject), vscode.ViewColumn.Active, {
    ...webviewOptions(extensionUri),
    enableFindWidget: true,
  });
}

function panelTitle({ model, registry }: PanelSubject): string {
  return visibleLine(vscode.l10n.t('Commands: {0}', model ?? registry.name));
}

/** Shows the commands in a new panel, or in one that VS Code brings back. It disposes of itself when its tab is closed. */
export function fillPanel(services: PanelServices, panel: vscode.WebviewPanel, start: PanelStart): void {
  const { webview } = panel;
  panel.title = panelTitle(start.subject);
  webview.options = webviewOptions(services.extensionUri);
  const conversation = panelConversation(services, panelWork(services, start.subject), start, (message) =>
    webview.postMessage(message),
  );
  const failed = (error: unknown) => services.log.error(`instructions panel: ${String(error)}`);
  webview.onDidReceiveMessage((message: unknown) => {
    conversation.receive(message).catch(failed);
  });
  // A client may have been installed meanwhile.
  let wasActive = panel.active;
  panel.onDidChangeViewState(() => {
    if (panel.active && !wasActive) conversation.lookAgain().catch(failed);
    wasActive = panel.active;
  });
  panel.onDidDispose(() => conversation.dispose());
  webview.html = pageOf(webview, services.extensionUri, { name: 'instructions', title: panel.title });
}

/** What a panel begins with. */
export type PanelStart = { readonly subject: PanelSubject } & Partial<Pick<SavedPanel, 'inputs' | 'tab'>>;

/** The host's side of a panel. */
export interface PanelConversation {
  receive(message: unknown): Promise<void>;
  /** Looks for the installed clients once more. */
  lookAgain(): Promise<void>;
  dispose(): void;
}

/** Milliseconds of no typing after which the files of the model that was typed are looked at. */
const TYPING_PAUSE_MS = 400;

/** A page hidden and shown again is made anew and says `ready` again, so it always gets the whole state. */
export function panelConversation(
  services: Pick<Services, 'globalMemory' | 'log'>,
  work: PanelWork,
  { subject, inputs = firstInputs(subject), tab = firstTab(subject) }: PanelStart,
  post: (message: MessageToPanel) => PromiseLike<unknown>,
): PanelConversation {
  const { globalMemory, log } = services;
  const closed = new AbortController();
  let typed = inputs;
  let shownTab = tab;
  let variables: PanelContent['choice']['variables'] = 'inCommand';
  let installed: InstalledState = { kind: 'looking' };
  let uses: UsesState = { kind: 'none' };
  /** Of which model and version `uses` tells. */
  let usesOf: string | undefined;
  let usesLoad: AbortController | undefined;

  const content = (): PanelContent => ({
    subject,
    inputs: typed,
    tab: shownTab,
    choice: { ...chosenCommand(globalMemory), variables },
    installed,
    uses,
    saved: savePanel({ subject, inputs: typed, tab: shownTab }),
  });
  const sendState = async () => {
    if (!closed.signal.aborted) await post({ kind: 'state', state: panelState(content()) });
  };
  const tell = (outcome: 'done' | 'failed', sentence: string) => post({ kind: 'told', outcome, sentence });

  async function lookForClients(): Promise<void> {
    try {
      const clients = await work.installed(closed.signal);
      installed = clients ? { kind: 'known', clients } : { kind: 'untrusted' };
    } catch (error) {
      if (isAbort(error)) return;
      throw error;
    }
    await sendState();
  }

  /** Looks at the model's files where the tab that needs them is shown. */
  async function lookAtFiles(pauseMs: number): Promise<void> {
    const model = typed.model.trim();
    const revision = typed.revision.trim();
    const key = JSON.stringify([model, revision]);
    if (shownTab !== 'code' || key === usesOf) return;
    usesOf = key;
    usesLoad?.abort();
    if (model === '') {
      uses = { kind: 'none' };
      await sendState();
      return;
    }
    const load = new AbortController();
    usesLoad = load;
    const signal = AbortSignal.any([load.signal, closed.signal]);
    uses = { kind: 'looking' };
    await sendState();
    try {
      await pause(pauseMs, signal);
      uses = { kind: 'known', uses: await work.uses(model, revision || undefined, signal) };
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Failure)) throw error;
      log.warn(`instructions panel: ${error.message}`);
      // Asked again once the tab is shown again.
      usesOf = undefined;
      uses = { kind: 'failed', sentence: error.message };
    }
    await sendState();
  }

  /** What the person asked for; a failure is told in the page. */
  async function carryOut(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      log.warn(`instructions panel: ${error.message}`);
      await tell('failed', error.message);
    }
  }

  return {
    async receive(message) {
      const { data } = messageFromPanel.safeParse(message);
      switch (data?.kind) {
        case undefined:
          log.warn('The instructions panel sent a message that is none of its own; it was dropped.');
          return;
        case 'ready':
          await sendState();
          await Promise.all([lookForClients(), lookAtFiles(0)]);
          return;
        case 'choose':
          await rememberCommand(globalMemory, { client: data.client, shell: data.shell });
          await sendState();
          return;
        case 'tab':
          shownTab = data.tab;
          await sendState();
          await lookAtFiles(0);
          return;
        case 'edit':
          typed = { ...typed, [data.field]: data.value };
          await sendState();
          await lookAtFiles(TYPING_PAUSE_MS);
          return;
        case 'variables':
          variables = data.inTerminal ? 'inTerminal' : 'inCommand';
          await sendState();
          return;
        case 'copy': {
          const shown = TAB_IDS.flatMap((id) => tabSnippets(content(), id));
          const text = shown.find(({ id }) => id === data.snippet)?.text;
          if (text === undefined) return;
          await work.copy(text);
          await post({ kind: 'copied', snippet: data.snippet });
          return;
        }
        case 'openTerminal':
          await carryOut(async () => {
            await work.openTerminal();
            variables = 'inTerminal';
            await sendState();
            await tell(
              'done',
              vscode.l10n.t(
                'The terminal is open. Commands are now shown without token and address, which it has.',
              ),
            );
          });
          return;
        case 'chooseFolder': {
          const folder = await work.chooseFolder();
          if (folder === undefined) return;
          typed = { ...typed, folder };
          await sendState();
          return;
        }
      }
    },
    lookAgain: lookForClients,
    dispose() {
      closed.abort();
    },
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      },
      { once: true },
    );
  });
}
