import type { CommitName } from '../../core/objectIds.ts';
import type { ModelVersion } from '../../core/hosts/host.ts';
import type { Page } from '../../core/hosts/page.ts';
import { Part, type PartState } from './part.ts';

/** Pages of versions that are looked through for the newest commit. */
const MOST_PAGES = 3;

type LoadPage = (cursor: string | undefined, signal: AbortSignal) => Promise<Page<ModelVersion>>;

interface VersionListEvents {
  /** Whether pages are looked through until a version is a commit. */
  readonly seeksCommit: () => boolean;
  /** Called when the first pages were loaded, before {@link VersionList.first} says so. */
  readonly onListed: () => void;
  readonly onChange: () => void;
  /** Called when the list could not be refreshed; it stays as it is. */
  readonly onStale: (error: unknown) => void;
}

/** A model's versions as far as they are loaded, newest first. */
export class VersionList {
  /** The pages that are loaded at first. */
  readonly first: Part<void>;
  readonly #loadPage: LoadPage;
  readonly #events: VersionListEvents;
  #all: readonly ModelVersion[] = [];
  #next: string | undefined;
  #more: Part<void> | undefined;
  #newer: Part<void> | undefined;

  constructor(loadPage: LoadPage, events: VersionListEvents) {
    this.#loadPage = loadPage;
    this.#events = events;
    this.first = new Part((signal) => this.#loadFirst(signal), events.onChange);
  }

  get all(): readonly ModelVersion[] {
    return this.#all;
  }

  get hasMore(): boolean {
    return this.#next !== undefined;
  }

  /** How far the next page is; undefined where it was never asked for. */
  get moreState(): PartState<void> | undefined {
    return this.#more?.state;
  }

  /** The newest version that is a commit. */
  get newest(): CommitName | undefined {
    return this.#all.find(({ commit }) => commit !== undefined)?.commit;
  }

  of(commit: string | undefined): ModelVersion | undefined {
    return commit === undefined ? undefined : this.#all.find((version) => version.commit === commit);
  }

  /** Loads the next page, unless that is under way. */
  loadMore(): void {
    const cursor = this.#next;
    if (cursor === undefined || this.#more?.state.status === 'loading') return;
    this.#more = new Part((signal) => this.#load(cursor, signal), this.#events.onChange);
    this.#more.begin();
  }

  /** Asks once more for the newest page, since versions may have come or gone meanwhile. What is listed stays until then. */
  refresh(): void {
    if (this.first.state.status !== 'ready' || this.#newer?.state.status === 'loading') return;
    this.#newer = new Part(
      (signal) => this.#loadNewer(signal),
      () => {
        if (this.#newer?.state.status === 'failed') this.#events.onStale(this.#newer.state.error);
        else this.#events.onChange();
      },
    );
    this.#newer.begin();
  }

  pause(): void {
    this.first.pause();
    this.#more?.pause();
    this.#newer?.pause();
  }

  async #loadFirst(signal: AbortSignal): Promise<void> {
    this.#all = [];
    await this.#load(undefined, signal);
    for (let page = 1; this.#events.seeksCommit() && page < MOST_PAGES; page += 1) {
      if (this.newest !== undefined || this.#next === undefined) break;
      await this.#load(this.#next, signal);
    }
    this.#events.onListed();
  }

  async #loadNewer(signal: AbortSignal): Promise<void> {
    const { items, next } = await this.#loadPage(undefined, signal);
    signal.throwIfAborted();
    const isComplete = next === undefined;
    const isSame = items.every(({ id }, index) => id === this.#all[index]?.id);
    if (isSame && (!isComplete || items.length === this.#all.length)) return;
    this.#all = items;
    this.#next = next;
  }

  async #load(cursor: string | undefined, signal: AbortSignal): Promise<void> {
    const page = await this.#loadPage(cursor, signal);
    signal.throwIfAborted();
    const known = new Set(this.#all.map(({ id }) => id));
    this.#all = [...this.#all, ...page.items.filter(({ id }) => !known.has(id))];
    this.#next = page.next;
  }
}
