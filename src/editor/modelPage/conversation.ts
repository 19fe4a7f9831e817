import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import type { CommitName } from '../../core/objectIds.ts';
import { onDidChooseCommand } from '../chosenCommand.ts';
import { installCommand } from '../installCommand.ts';
import type { Services } from '../services.ts';
import type { FileContents } from '../versionFiles/fileContents.ts';
import type { Conversation } from '../webviews/panels.ts';
import { PageActions } from './actions.ts';
import { type PageView, partContent } from './content.ts';
import { versionBefore } from './glance.ts';
import { hubOf, pageHead } from './head.ts';
import {
  type MessageToPage,
  messageFromPage,
  type PageHead,
  PART_NAMES,
  type PartContent,
  type PartName,
} from './messages.ts';
import { pageKey, type PageAddress } from './pageAddress.ts';
import type { Part } from './part.ts';
import { PageSource } from './source.ts';
import { needsSignIn } from './texts.ts';
import { VersionList } from './versionList.ts';
import { VersionMessages } from './versionMessages.ts';
import { type PartOfVersion, VersionParts } from './versionParts.ts';

/** What a page needs of the {@link Services}. */
type PageServices = Pick<Services, 'globalMemory' | 'http' | 'log' | 'prompts' | 'sessions'>;

/** How often ages are told anew, in milliseconds: they are told in minutes. */
const EVERY_MS = 20_000;

/**
 * The host's side of a model page. A page hidden and shown again is made anew and says `ready` again, so it always gets
 * everything.
 */
export class PageConversation implements Conversation {
  readonly #services: PageServices;
  readonly #contents: FileContents;
  readonly #post: (message: MessageToPage) => void;
  readonly #source: PageSource;
  readonly #versions: VersionList;
  readonly #messages = new VersionMessages();
  readonly #actions: PageActions;
  readonly #subscription: vscode.Disposable;
  readonly #closed = new AbortController();
  #address: PageAddress;
  #shown: VersionParts | undefined;
  #visible = false;
  /** What the page was sent last, and so what a person has copied who looks at it. */
  #sent: PageHead | undefined;
  readonly #sentParts = new Map<PartName, PartContent>();
  readonly #now: () => Date;
  readonly #ages: NodeJS.Timeout;

  /** @param post Sends to the page; what it does not get because it is hidden, it asks for later. */
  constructor(
    services: PageServices,
    contents: FileContents,
    address: PageAddress,
    post: (message: MessageToPage) => void,
    {
      everyMs = EVERY_MS,
      now = () => new Date(),
    }: { readonly everyMs?: number; readonly now?: () => Date } = {},
  ) {
    this.#now = now;
    this.#ages = setInterval(() => {
      this.#sendHead();
      this.#send('versions');
    }, everyMs);
    this.#ages.unref();
    this.#services = services;
    this.#contents = contents;
    this.#post = post;
    this.#address = address;
    this.#source = new PageSource(services, address);
    this.#actions = new PageActions({
      services,
      contents,
      source: this.#source,
      post,
      signal: this.#closed.signal,
    });
    this.#versions = new VersionList((cursor, signal) => this.#source.versions(cursor, signal), {
      seeksCommit: () => this.#address.commit === undefined,
      onListed: () => {
        if (this.#address.commit === undefined) this.#choose(this.#versions.newest);
      },
      onChange: () => this.#changed('versions'),
      onStale: (error) => services.log.warn(`model page: the list of versions may be old: ${String(error)}`),
    });
    this.#shown = this.#partsOf(address.commit);
    this.#subscription = vscode.Disposable.from(
      services.sessions.onDidChange(() => {
        this.#sendHead();
        this.#loadRefused();
      }),
      onDidChooseCommand(services.globalMemory, () => this.#sendHead()),
    );
  }

  async receive(message: unknown): Promise<void> {
    const { data } = messageFromPage.safeParse(message);
    const page = { address: this.#address, versions: this.#versions, shown: this.#shown };
    switch (data?.kind) {
      case undefined:
        this.#services.log.warn('A model page sent a message that is none of its own; it was dropped.');
        return;
      case 'ready':
        this.#ready();
        return;
      case 'retry':
        return this.#again(
          data.part === 'versions' || !this.#shown ? this.#versions.first : this.#shown[data.part],
        );
      case 'readWeights':
        return this.#again(this.#shown?.summaryOf(data.entry));
      case 'chooseVersion': {
        const version = this.#versions.of(data.commit);
        if (version) this.#choose(version.commit);
        return;
      }
      case 'moreVersions':
        if (this.#visible) this.#versions.loadMore();
        return;
      case 'openFile':
        return this.#actions.openFile(page, data.path);
      case 'openLink':
        return this.#actions.openLink(data.url);
      case 'showImage':
        if (this.#visible) await this.#actions.showImage(page, data.path);
        return;
      case 'copy':
        if (this.#sent) await this.#actions.copy(this.#sent, data.what);
        return;
      case 'copyDigest':
        return this.#actions.copyDigest(page, data.path);
      case 'act':
        return this.#actions.act(page, data.action);
      case 'signIn':
        return signIn();
    }
  }

  /** Loads what is missing while the page can be seen, and nothing while it cannot. */
  setVisible(visible: boolean): void {
    this.#visible = visible;
    if (visible) this.#load();
    else this.#pause();
  }

  /** Versions may have come or gone meanwhile. */
  activated(): Promise<void> {
    if (this.#visible && !this.#source.isSignedOut) this.#versions.refresh();
    return Promise.resolve();
  }

  /** Shows another version of the same model. */
  show(address: PageAddress): void {
    if (pageKey(address) === pageKey(this.#address) && address.commit !== undefined)
      this.#choose(address.commit);
  }

  dispose(): void {
    this.#visible = false;
    clearInterval(this.#ages);
    this.#subscription.dispose();
    this.#closed.abort();
    this.#pause();
  }

  #ready(): void {
    this.#visible = true;
    // A page that is made anew has got nothing.
    this.#sent = undefined;
    this.#sentParts.clear();
    this.#sendHead();
    this.#send(...PART_NAMES);
    this.#load();
    // Somebody may have signed in while the page was hidden.
    this.#loadRefused();
  }

  /** Shows that version; without one, that there is none. */
  #choose(commit: CommitName | undefined): void {
    this.#address = { ...this.#address, commit };
    if (this.#shown?.commit !== commit) {
      this.#shown?.pause();
      this.#shown = this.#partsOf(commit);
    }
    this.#compareWithBefore();
    this.#sendHead();
    this.#send(...PART_NAMES);
    this.#load();
  }

  #partsOf(commit: CommitName | undefined): VersionParts | undefined {
    if (commit === undefined) return undefined;
    const context = {
      contents: this.#contents,
      hub: () => this.#source.hub(),
      messages: this.#messages,
      log: this.#services.log,
    };
    return new VersionParts({ ...this.#address, commit }, context, (name) => this.#changed(name));
  }

  /** What changed since the version before, once the list tells which that is. */
  #compareWithBefore(): void {
    const before = this.#shown && versionBefore(this.#shown.commit, this.#versions);
    if (before === undefined) return;
    this.#shown?.compareWith(before);
    this.#load();
  }

  #changed(name: PartOfVersion | 'versions'): void {
    switch (name) {
      case 'files':
      case 'readme':
        this.#send(name);
        break;
      case 'weights':
        this.#send(name);
        // The first weights are read without being asked for.
        this.#load();
        break;
      case 'message':
        this.#send('versions');
        break;
      case 'changes':
        break;
      case 'versions':
        // The list tells which version is shown, and so what there is to say of its parts.
        this.#send(...(this.#shown ? [name] : PART_NAMES));
        this.#compareWithBefore();
    }
    this.#sendHead();
  }

  #load(): void {
    if (!this.#visible) return;
    this.#versions.first.begin();
    this.#shown?.begin();
  }

  #pause(): void {
    this.#versions.pause();
    this.#shown?.pause();
  }

  /** Tries again what only a sign-in could mend, where somebody is signed in. */
  #loadRefused(): void {
    if (!this.#visible || this.#source.isSignedOut) return;
    for (const part of [this.#versions.first, ...(this.#shown?.all ?? [])]) {
      if (part.state.status === 'failed' && needsSignIn(part.state.error)) part.again();
    }
  }

  /** Tries a part again, after a sign-in where only that helps. */
  async #again(part: Part<unknown> | undefined): Promise<void> {
    if (part?.state.status === 'failed' && needsSignIn(part.state.error)) await signIn();
    if (this.#visible) part?.again();
  }

  #send(...names: readonly PartName[]): void {
    if (!this.#visible || this.#closed.signal.aborted) return;
    for (const name of names) {
      const content = partContent(this.#view(), name);
      if (isDeepStrictEqual(content, this.#sentParts.get(name))) continue;
      this.#sentParts.set(name, content);
      this.#post({ kind: 'part', ...content });
    }
  }

  #sendHead(): void {
    if (!this.#visible || this.#closed.signal.aborted) return;
    const head = this.#head();
    // What a person selects or reads there is left alone by what changes elsewhere.
    if (isDeepStrictEqual(head, this.#sent)) return;
    this.#sent = head;
    this.#post({ kind: 'page', page: head });
  }

  #head(): PageHead {
    const view = this.#view();
    const { model, commit } = view.address;
    const { endpoint, traits } = hubOf(view) ?? {};
    const install =
      endpoint && commit && installCommand(this.#services.globalMemory, { endpoint, traits, model, commit });
    return pageHead(view, install);
  }

  #view(): PageView {
    return {
      address: this.#address,
      session: this.#source.knownSession,
      isSignedOut: this.#source.isSignedOut,
      now: this.#now(),
      versions: this.#versions,
      messages: this.#messages,
      shown: this.#shown,
    };
  }
}

async function signIn(): Promise<void> {
  await vscode.commands.executeCommand('modelRegistries.signIn');
}
