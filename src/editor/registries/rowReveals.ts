import { setTimeout as pause } from 'node:timers/promises';
import type * as vscode from 'vscode';
import type { Registry } from '../../core/hosts/host.ts';
import type { CommitName } from '../../core/objectIds.ts';
import type { Session } from '../accounts/sessions.ts';
import {
  rowId,
  type ModelRow,
  type OrganizationRow,
  type RegistryRow,
  type Row,
  type VersionRow,
} from '../rows.ts';
import { accountOf, type RowTree } from './rowTree.ts';

/** Pages that are looked through for a row to reveal: with 30 versions a page, a version published just now is on the first. */
const REVEAL_PAGES = 10;

/** How often, and after how many milliseconds, a reveal is tried that VS Code dropped. */
const REVEAL_ATTEMPTS = 10;
const REVEAL_PAUSE_MS = 100;
/** How long, in milliseconds, VS Code's answer is awaited before it is tried once more: now and then none comes. */
const REVEAL_ANSWER_MS = 1000;
/** For how long, in milliseconds, tries take the focus: by then the person does something else. */
const REVEAL_FOCUS_MS = 1500;

/** What of a tree view a reveal needs. */
type RevealingView = Pick<vscode.TreeView<Row>, 'reveal' | 'selection' | 'visible'>;

/** Finds rows of the Registries view, loading what is above them, and selects them there. */
export class RowReveals {
  readonly #rows: RowTree;
  readonly #view: RevealingView;
  readonly #filter: (row: RegistryRow, text: string | undefined) => void;
  readonly #onRefused: (error: unknown) => void;

  /**
   * @param filter Has a registry show only the models that hold the text, or all.
   * @param onRefused Gets why VS Code did not reveal a row; it is tried again.
   */
  constructor(
    rows: RowTree,
    view: RevealingView,
    filter: (row: RegistryRow, text: string | undefined) => void,
    onRefused: (error: unknown) => void,
  ) {
    this.#rows = rows;
    this.#view = view;
    this.#filter = filter;
    this.#onRefused = onRefused;
  }

  /** Selects the version, or what is above it as far as that is found. */
  async version(session: Session, registry: Registry, model: string, commit: CommitName): Promise<void> {
    let registryRow = await this.#findRegistry(session, registry);
    if (registryRow?.filter !== undefined && !model.includes(registryRow.filter)) {
      this.#filter(registryRow, undefined);
      registryRow = await this.#findRegistry(session, registry);
    }
    const modelRow = registryRow && (await this.#findModel(registryRow, model, REVEAL_PAGES));
    const version =
      modelRow &&
      (await this.#rows.find(
        modelRow,
        REVEAL_PAGES,
        (row): row is VersionRow => row.kind === 'version' && row.version.commit === commit,
      ));
    await this.#select(version ?? modelRow ?? registryRow);
  }

  /** Selects the model; where it is not among those loaded, its registry shows only what bears its name. */
  async model(session: Session, registry: Registry, model: string): Promise<void> {
    const registryRow = await this.#findRegistry(session, registry);
    if (!registryRow) return;
    const listed = await this.#findModel(registryRow, model, 1);
    if (!listed) this.#filter(registryRow, model);
    const filtered = listed ? undefined : await this.#findRegistry(session, registry);
    await this.#select(listed ?? (filtered && (await this.#findModel(filtered, model, 1))) ?? filtered);
  }

  async registry(session: Session, registry: Registry): Promise<void> {
    await this.#select(await this.#findRegistry(session, registry));
  }

  async #findRegistry(session: Session, { organization, slug }: Registry): Promise<RegistryRow | undefined> {
    const parent = await this.#rows.find(
      accountOf(session),
      REVEAL_PAGES,
      (row): row is OrganizationRow => row.kind === 'organization' && row.organization.slug === organization,
    );
    if (!parent) return undefined;
    return this.#rows.find(
      parent,
      REVEAL_PAGES,
      (row): row is RegistryRow => row.kind === 'registry' && row.registry.slug === slug,
    );
  }

  #findModel(registry: RegistryRow, model: string, pages: number): Promise<ModelRow | undefined> {
    const isIt = (row: Row): row is ModelRow => row.kind === 'model' && row.model === model;
    return this.#rows.find(registry, pages, isIt);
  }

  /**
   * Selects the row, and moves the focus there, for a moment only: a reveal that is tried again would take it from whatever the person does
   * by then. Gives up where they have left the view, or selected something else.
   */
  async #select(row: Row | undefined): Promise<void> {
    const before = this.#selected();
    const began = performance.now();
    let wasVisible = this.#view.visible;
    for (let attempt = 0; row && attempt < REVEAL_ATTEMPTS; attempt += 1) {
      const options = { select: true, focus: performance.now() - began < REVEAL_FOCUS_MS };
      // VS Code refuses a row whose siblings it fetches anew at that moment ("Cannot resolve tree item for element").
      const revealed = this.#view.reveal(row, options).then(undefined, this.#onRefused);
      await Promise.race([revealed, pause(REVEAL_ANSWER_MS)]);
      if (!this.#selected().includes(rowId(row))) await pause(REVEAL_PAUSE_MS);
      const now = this.#selected();
      const isElsewhere = now.length > 0 && now.join() !== before.join();
      if (now.includes(rowId(row)) || isElsewhere || (wasVisible && !this.#view.visible)) return;
      wasVisible ||= this.#view.visible;
    }
  }

  #selected(): readonly string[] {
    return this.#view.selection.map((row) => rowId(row));
  }
}
