import { Failure } from '../../core/failure.ts';
import type { Page } from '../../core/hosts/page.ts';
import { rowId, type Branch, type Row } from '../rows.ts';

/** Loads one page of a list. Throws a `Failure`, or the signal's reason. */
export type LoadPage<T> = (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>;

/** Turns all items loaded so far into rows. @param isWhole No page of the list is missing. */
export type ToRows<T> = (items: readonly T[], isWhole: boolean) => readonly Row[];

/** The children of one branch, as far as they are loaded. */
export interface BranchRows {
  /** Whether another page can be asked for. */
  readonly hasMore: boolean;
  /** All rows of the list; undefined while some are not loaded, or due to be loaded anew. */
  readonly all: readonly Row[] | undefined;
  /** The rows to show, with one that says of more, nothing or a failure. Loads the first page where that is due. */
  rows(): Promise<readonly Row[]>;
  /** Loads the next page, or again the page that failed. Nothing happens on the last page. */
  more(): Promise<void>;
  /** Loads again the page that failed. Nothing happens where none did. */
  retry(): Promise<void>;
  /** The first page is loaded anew when the rows are asked for next; a load under way is given up. */
  markStale(): void;
  dispose(): void;
}

/** A list of `T` shown as rows: loaded by page, one load in flight, old rows kept until new ones are here. */
export class PagedRows<T> implements BranchRows {
  readonly #branch: Branch;
  readonly #loadPage: LoadPage<T>;
  readonly #toRows: ToRows<T>;
  #items: readonly T[] = [];
  #next: string | undefined;
  /** Kept until the next load, so that a failure is not asked for again whenever the view repaints. */
  #failed: { readonly failure: Failure; readonly cursor: string | undefined } | undefined;
  #stale = true;
  #load: { readonly controller: AbortController; readonly done: Promise<void> } | undefined;
  #disposed = false;

  /** @param toRows Rows of the same id are shown once. */
  constructor(branch: Branch, loadPage: LoadPage<T>, toRows: ToRows<T>) {
    this.#branch = branch;
    this.#loadPage = loadPage;
    this.#toRows = toRows;
  }

  get hasMore(): boolean {
    return this.#next !== undefined && this.#failed === undefined;
  }

  get all(): readonly Row[] | undefined {
    const isWhole = !this.#stale && !this.#failed && this.#next === undefined;
    return isWhole ? this.#own() : undefined;
  }

  async rows(): Promise<readonly Row[]> {
    // Loops because a refresh can make what was just loaded stale.
    while (this.#stale && !this.#disposed) await (this.#load?.done ?? this.#start(undefined));
    if (this.#disposed) return [];
    const rows = this.#own();
    return [...rows, ...this.#closing(rows.length)];
  }

  async more(): Promise<void> {
    if (this.#disposed) return;
    if (this.#load) return this.#load.done;
    const cursor = this.#failed ? this.#failed.cursor : this.#next;
    if (cursor !== undefined && !this.#stale) await this.#start(cursor);
    else if (this.#failed) this.markStale();
  }

  async retry(): Promise<void> {
    if (this.#failed) await this.more();
  }

  markStale(): void {
    this.#stale = true;
    this.#load?.controller.abort();
    this.#load = undefined;
  }

  dispose(): void {
    this.#disposed = true;
    this.#load?.controller.abort();
  }

  #start(cursor: string | undefined): Promise<void> {
    const controller = new AbortController();
    this.#failed = undefined;
    const done = this.#run(cursor, controller);
    this.#load = { controller, done };
    return done;
  }

  async #run(cursor: string | undefined, { signal }: AbortController): Promise<void> {
    try {
      const page = await this.#loadPage(cursor, signal);
      if (signal.aborted) return;
      this.#items = cursor === undefined ? page.items : [...this.#items, ...page.items];
      this.#next = page.next;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Failure)) throw error;
      this.#failed = { failure: error, cursor };
    } finally {
      if (!signal.aborted) {
        this.#stale = false;
        this.#load = undefined;
      }
    }
  }

  #own(): readonly Row[] {
    return withoutDuplicates(this.#toRows(this.#items, this.#next === undefined && !this.#failed));
  }

  #closing(shown: number): Row[] {
    const parent = this.#branch;
    if (this.#failed) return [{ kind: 'failed', parent, failure: this.#failed.failure }];
    if (this.#next !== undefined) return [{ kind: 'more', parent, shown, read: this.#items.length }];
    return shown === 0 ? [{ kind: 'empty', parent }] : [];
  }
}

/** A list can shift between two pages, and VS Code refuses a second row of the same id. */
function withoutDuplicates(rows: readonly Row[]): readonly Row[] {
  return [...new Map(rows.map((row) => [rowId(row), row])).values()];
}
