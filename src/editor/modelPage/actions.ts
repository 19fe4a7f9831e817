import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import { visibleLine } from '../../core/visibleText.ts';
import type { FileRow, ModelRow, VersionRow } from '../rows.ts';
import type { Services } from '../services.ts';
import type { FileContents } from '../versionFiles/fileContents.ts';
import { listedVersion } from './content.ts';
import { imageType, MOST_IMAGE_BYTES, MOST_IMAGES, MOST_IMAGES_BYTES } from './images.ts';
import type { Copied, MessageToPage, PageAction, PageHead } from './messages.ts';
import type { PageAddress } from './pageAddress.ts';
import type { PageSource } from './source.ts';
import type { VersionList } from './versionList.ts';
import type { VersionParts } from './versionParts.ts';

/** What a page shows at the time that something is asked of it. */
interface ShownPage {
  readonly address: PageAddress;
  readonly versions: VersionList;
  readonly shown: VersionParts | undefined;
}

/** What the actions of a page are carried out with. */
interface ActionContext {
  readonly services: Pick<Services, 'log' | 'prompts'>;
  readonly contents: FileContents;
  readonly source: PageSource;
  readonly post: (message: MessageToPage) => void;
  /** Aborts when the page is closed. */
  readonly signal: AbortSignal;
}

/** What a person can do on a page besides looking, in VS Code and on their clipboard. */
export class PageActions {
  readonly #context: ActionContext;

  constructor(context: ActionContext) {
    this.#context = context;
  }

  async openFile(page: ShownPage, path: string): Promise<void> {
    const { shown } = page;
    const file = shown && (await this.#fileOf(page, shown, path));
    if (!shown || !file) {
      this.#say(vscode.l10n.t('This version has no file “{0}”.', path));
      return;
    }
    const { session, version } = await this.#versionRow(page, shown);
    const { size, gitSha1, sha256 } = file;
    const kind = 'file';
    const row: FileRow = { kind, session, version, path, size, lfs: sha256 !== undefined, gitSha1, sha256 };
    await vscode.commands.executeCommand('modelRegistries.openFile', row, 'source');
  }

  async openLink(text: string): Promise<void> {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
      this.#context.services.log.warn(
        'A model page named a link that is not one of the web; it was not opened.',
      );
      return;
    }
    await this.#context.services.prompts.openExternal(url);
  }

  async showImage(page: ShownPage, path: string): Promise<void> {
    const { shown } = page;
    if (!shown) return;
    const signal = AbortSignal.any([this.#context.signal, shown.looking]);
    try {
      const source = await this.#imageSource(page, shown, path, signal);
      // Another version, which the page may show by now, may have another image by that name.
      if (!signal.aborted) this.#context.post({ kind: 'image', path, source });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async copy(head: PageHead, what: Copied): Promise<void> {
    const fact = head.facts.find(({ copy }) => copy?.what === what);
    const text = what === 'install' ? head.install?.command : fact && visibleLine(fact.value);
    if (text === undefined) return;
    await this.#context.services.prompts.copy(text);
    this.#say(
      what === 'install' ? vscode.l10n.t('Install command copied') : vscode.l10n.t('Copied {0}', text),
    );
  }

  async copyDigest({ shown }: ShownPage, path: string): Promise<void> {
    const state = shown?.files.state;
    const sha256 = state?.status === 'ready' ? state.value.get(path)?.sha256 : undefined;
    if (sha256 === undefined) return;
    await this.#context.services.prompts.copy(sha256);
    this.#say(vscode.l10n.t('Copied {0}', sha256));
  }

  async act(page: ShownPage, action: PageAction): Promise<void> {
    const row = page.shown && (await this.#versionRow(page, page.shown));
    switch (action) {
      case 'compare': {
        const before = page.shown?.since?.before;
        if (!row || before === undefined) return;
        const other = await this.#versionRow(page, { commit: before });
        await vscode.commands.executeCommand('modelRegistries.compareVersions', row, [row, other]);
        return;
      }
      case 'showCommands':
        await vscode.commands.executeCommand(
          'modelRegistries.showInstructions',
          row ?? (await this.#modelRow(page)),
        );
        return;
      case 'copyForTeammate':
        if (row) await vscode.commands.executeCommand('modelRegistries.copyForTeammate', row);
        return;
      case 'download':
        if (row) await vscode.commands.executeCommand('modelRegistries.downloadToFolder', row);
        return;
    }
  }

  #say(sentence: string): void {
    this.#context.post({ kind: 'notice', sentence });
  }

  async #versionRow(page: ShownPage, { commit }: Pick<VersionParts, 'commit'>): Promise<VersionRow> {
    const { session, registry } = await this.#context.source.registry(this.#context.signal);
    return { kind: 'version', session, version: listedVersion(page, commit, registry) };
  }

  /** For what can be done without a version. */
  async #modelRow({ address }: ShownPage): Promise<ModelRow> {
    return {
      kind: 'model',
      model: address.model,
      ...(await this.#context.source.registry(this.#context.signal)),
    };
  }

  async #fileOf(
    { address }: ShownPage,
    { commit }: Pick<VersionParts, 'commit'>,
    path: string,
    signal = this.#context.signal,
  ) {
    return (await this.#context.contents.list({ ...address, commit }, signal)).get(path);
  }

  async #imageSource(
    page: ShownPage,
    shown: VersionParts,
    path: string,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const { images, commit } = shown;
    const type = imageType(path);
    const file = type === undefined ? undefined : await this.#fileOf(page, shown, path, signal);
    if (file?.size === undefined || file.size > MOST_IMAGE_BYTES) return undefined;
    if (images.size >= MOST_IMAGES && !images.has(path)) return undefined;
    const others = [...images].reduce((sum, [other, size]) => (other === path ? sum : sum + size), 0);
    if (others + file.size > MOST_IMAGES_BYTES) return undefined;
    images.set(path, file.size);
    try {
      const bytes = await this.#context.contents.read({ ...page.address, commit }, file, signal);
      return `data:${type};base64,${bytes.toString('base64')}`;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#context.services.log.warn(`model page: ${path}: ${error.message}`);
      return undefined;
    }
  }
}
