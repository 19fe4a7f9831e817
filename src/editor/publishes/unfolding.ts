import type * as vscode from 'vscode';

/** A view beside the one that unfolds, in the same container of the side bar. */
export type Neighbor = Pick<vscode.TreeView<unknown>, 'visible' | 'onDidChangeVisibility'>;

interface UnfoldingOptions<Row> {
  readonly view: Pick<vscode.TreeView<unknown>, 'visible'>;
  readonly neighbors: readonly Neighbor[];
  /** Unfolds the view, and shows that row. Takes no focus. */
  readonly reveal: (row: Row) => void;
}

/**
 * Unfolds a view once for everything that begins in it, as soon as a person looks at its container: the side bar is not
 * taken from somebody who looks at something else.
 */
export class Unfolding<Row> {
  readonly #options: UnfoldingOptions<Row>;
  readonly #subscriptions: readonly vscode.Disposable[];
  #pending: Row | undefined;

  constructor(options: UnfoldingOptions<Row>) {
    this.#options = options;
    this.#subscriptions = options.neighbors.map((neighbor) =>
      neighbor.onDidChangeVisibility(() => this.#unfold()),
    );
  }

  /** Something began that a person wants to see. */
  began(row: Row): void {
    this.#pending = row;
    this.#unfold();
  }

  /** Nothing is under way any more. */
  ended(): void {
    this.#pending = undefined;
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #unfold(): void {
    const { view, neighbors, reveal } = this.#options;
    const row = this.#pending;
    if (row === undefined) return;
    if (!view.visible && !neighbors.some(({ visible }) => visible)) return;
    this.#pending = undefined;
    if (!view.visible) reveal(row);
  }
}
