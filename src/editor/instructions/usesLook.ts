import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '../../core/failure.ts';
import type { Log } from '../../core/log.ts';
import type { UsesState } from './content.ts';
import type { PanelWork } from './panelWork.ts';

/** Looks at the files of a model for how it can be used; one look at a time, the newest. */
export class UsesLook {
  readonly #work: Pick<PanelWork, 'uses'>;
  readonly #log: Log;
  readonly #onChange: () => Promise<void>;
  readonly #closed: AbortSignal;
  #state: UsesState = { kind: 'none' };
  /** Of which model and version the state tells. */
  #subject: string | undefined;
  #underWay: AbortController | undefined;

  /** @param onChange Called after each change of the state. @param closed Ends every look. */
  constructor(work: Pick<PanelWork, 'uses'>, log: Log, onChange: () => Promise<void>, closed: AbortSignal) {
    this.#work = work;
    this.#log = log;
    this.#onChange = onChange;
    this.#closed = closed;
  }

  get state(): UsesState {
    return this.#state;
  }

  /** @param model '' for none. @param revision '' for the newest. @param pauseMs Milliseconds before it asks. */
  async look(model: string, revision: string, pauseMs: number): Promise<void> {
    const subject = JSON.stringify([model, revision]);
    if (subject === this.#subject) return;
    this.#subject = subject;
    this.#underWay?.abort();
    if (model === '') return this.#become({ kind: 'none' });
    const controller = new AbortController();
    this.#underWay = controller;
    const signal = AbortSignal.any([controller.signal, this.#closed]);
    await this.#become({ kind: 'looking' });
    try {
      await pause(pauseMs, undefined, { signal });
      await this.#become({
        kind: 'known',
        uses: await this.#work.uses(model, revision || undefined, signal),
      });
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Failure)) throw error;
      this.#log.warn(`instructions panel: ${error.message}`);
      // Asked again once the tab is shown again.
      this.#subject = undefined;
      await this.#become({ kind: 'failed', sentence: error.message });
    }
  }

  async #become(state: UsesState): Promise<void> {
    this.#state = state;
    await this.#onChange();
  }
}
