import * as vscode from 'vscode';
import { visibleLine } from '../../core/visibleText.ts';
import { isAbort } from '../commands.ts';
import { showFailure } from '../failureNotice.ts';
import type { Services } from '../services.ts';
import { pageOf, webviewOptions } from './panelAssets.ts';

/** What a panel needs of the {@link Services}. */
type PanelServices = Pick<Services, 'extensionUri' | 'log' | 'prompts'>;

/** The host's side of a panel. What is thrown is told to the person, with a way to do it once more. */
export interface Conversation {
  /** Called for each message of the page, in parallel: a second one does not wait for the first. */
  receive(message: unknown): Promise<void>;
  /** Called whenever the panel may have come into view, or gone out of it. */
  setVisible?(visible: boolean): void;
  /** The panel got the focus. */
  activated?(): Promise<void>;
  dispose(): void;
}

/** A kind of panels, each of which is about something that `Start` names. */
interface PanelKind<Start, Talk extends Conversation> {
  /** As VS Code knows them. */
  readonly type: string;
  /** Of the script in `dist/panels` and the styles in `media`. */
  readonly assets: string;
  readonly titleOf: (start: Start) => string;
  /** What has the same key has one panel. */
  readonly keyOf: (start: Start) => string;
  /** Makes what VS Code kept of a panel into what it begins with; undefined where that is something else. */
  readonly restore: (state: unknown) => Promise<Start | undefined>;
  /** Loads what is behind a panel, which many windows never show; called for each panel. */
  readonly load: () => Promise<Converse<Start, Talk>>;
}

/** @param post Sends to the page, which may be hidden and get nothing. */
type Converse<Start, Talk> = (start: Start, post: (message: object) => PromiseLike<unknown>) => Talk;

/** The open panels of one kind. Those that are open when the window is loaded anew are brought back. */
export class Panels<Start, Talk extends Conversation> {
  readonly #services: PanelServices;
  readonly #kind: PanelKind<Start, Talk>;
  readonly #open = new Map<string, { readonly panel: vscode.WebviewPanel; readonly conversation: Talk }>();
  readonly #serializer: vscode.Disposable;

  constructor(services: PanelServices, kind: PanelKind<Start, Talk>) {
    this.#services = services;
    this.#kind = kind;
    this.#serializer = vscode.window.registerWebviewPanelSerializer(kind.type, {
      deserializeWebviewPanel: async (panel, state) => this.#bringBack(panel, state),
    });
  }

  /** Shows the panel of what `start` names, a new one where none is open. Gives the conversation of one that was. */
  async show(start: Start): Promise<Talk | undefined> {
    const converse = await this.#kind.load();
    const open = this.#open.get(this.#kind.keyOf(start));
    if (open) {
      open.panel.reveal();
      return open.conversation;
    }
    const { type, titleOf } = this.#kind;
    const panel = vscode.window.createWebviewPanel(
      type,
      visibleLine(titleOf(start)),
      vscode.ViewColumn.Active,
      { ...webviewOptions(this.#services.extensionUri), enableFindWidget: true },
    );
    this.#fill(panel, start, converse);
    return undefined;
  }

  /** Leaves the panels alone: those that are open when the window is loaded anew come back. */
  dispose(): void {
    this.#serializer.dispose();
  }

  async #bringBack(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const [start, converse] = await Promise.all([this.#kind.restore(state), this.#kind.load()]);
    if (start !== undefined) {
      this.#fill(panel, start, converse);
      return;
    }
    this.#services.log.warn(`A panel of ${this.#kind.type} could not be brought back; it was closed.`);
    panel.dispose();
  }

  #fill(panel: vscode.WebviewPanel, start: Start, converse: Converse<Start, Talk>): void {
    const { extensionUri } = this.#services;
    const { assets, titleOf, keyOf } = this.#kind;
    const { webview } = panel;
    panel.title = visibleLine(titleOf(start));
    webview.options = webviewOptions(extensionUri);
    const conversation = converse(start, (message) => webview.postMessage(message));
    const key = keyOf(start);
    const open = { panel, conversation };
    this.#open.set(key, open);
    webview.onDidReceiveMessage((message: unknown) => this.#attempt(() => conversation.receive(message)));
    let wasActive = panel.active;
    panel.onDidChangeViewState(() => {
      conversation.setVisible?.(panel.visible);
      if (panel.active && !wasActive) void this.#attempt(async () => conversation.activated?.());
      wasActive = panel.active;
    });
    panel.onDidDispose(() => {
      if (this.#open.get(key) === open) this.#open.delete(key);
      conversation.dispose();
    });
    webview.html = pageOf(webview, extensionUri, { name: assets, title: panel.title });
  }

  async #attempt(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      if (isAbort(error)) return;
      this.#services.log.error(`${this.#kind.type}: ${String(error)}`);
      await showFailure(this.#services.prompts, error, () => this.#attempt(task));
    }
  }
}
