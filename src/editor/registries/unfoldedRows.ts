import type { RegistryService } from '../../core/hosts/service.ts';
import type { Session } from '../accounts/sessions.ts';
import { placeId, rowId, type Row } from '../rows.ts';

/**
 * Which rows are unfolded. VS Code forgets that of a row as soon as it is gone for a moment: while an account has to sign in again, or while
 * a filter leaves it out. What was unfolded comes back unfolded, unless a person has signed out meanwhile.
 */
export class UnfoldedRows {
  /** Rows that are drawn, by the id of the one above them; undefined for the top. */
  readonly #drawn = new Map<string | undefined, readonly Row[]>();
  readonly #unfolded = new Set<string>();
  readonly #starting = new Set<string>();
  /** Rows that were unfolded and are gone, by {@link placeId}, with their account. */
  readonly #left = new Map<string, Session>();
  readonly #isSignedIn: (service: RegistryService) => boolean;

  /** @param isSignedIn Whether there is an account of that service, whatever its token is good for. */
  constructor(isSignedIn: (service: RegistryService) => boolean) {
    this.#isSignedIn = isSignedIn;
  }

  /** A person has unfolded the row, or folded it. */
  changed(row: Row, isUnfolded: boolean): void {
    const id = rowId(row);
    if (isUnfolded) this.#unfolded.add(id);
    else this.#unfolded.delete(id);
  }

  /** Whether the row is to be drawn unfolded; so until it is gone, whatever a person has made of it since. */
  starts(row: Row): boolean {
    return this.#starting.has(rowId(row));
  }

  /** `rows` are drawn below `parent`, in place of those before. Gives those that {@link start} is for, as soon as they are there. */
  drawn(parent: Row | undefined, rows: readonly Row[]): readonly Row[] {
    const parentId = parent && rowId(parent);
    const before = this.#drawn.get(parentId) ?? [];
    const ids = { before: new Set(before.map(rowId)), now: new Set(rows.map(rowId)) };
    this.#drawn.set(parentId, rows);
    for (const row of before) if (!ids.now.has(rowId(row))) this.#gone(row);
    for (const [place, { service }] of [...this.#left])
      if (!this.#isSignedIn(service)) this.#left.delete(place);
    return rows.filter((row) => !ids.before.has(rowId(row)) && this.#left.delete(placeId(row)));
  }

  /** Unfolds those of `rows` below `parent` that are still drawn. */
  start(parent: Row | undefined, rows: readonly Row[]): void {
    const drawn = new Set(this.#drawn.get(parent && rowId(parent))?.map(rowId));
    for (const id of rows.map(rowId).filter((one) => drawn.has(one))) {
      this.#starting.add(id);
      this.#unfolded.add(id);
    }
  }

  #gone(row: Row): void {
    const id = rowId(row);
    if (this.#unfolded.delete(id) && 'session' in row && row.session)
      this.#left.set(placeId(row), row.session);
    this.#starting.delete(id);
    for (const below of this.#drawn.get(id) ?? []) this.#gone(below);
    this.#drawn.delete(id);
  }
}
