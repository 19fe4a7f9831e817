import { Failure } from '../../core/failure.ts';
import type { Log } from '../../core/log.ts';
import type { PolicyState } from './content.ts';
import type { PanelWork } from './panelWork.ts';

/** Looks at the OIDC policy of a panel's registry; one look at a time. What was seen stays until the next look has ended. */
export class PolicyLook {
  readonly #work: Pick<PanelWork, 'policy'>;
  readonly #log: Log;
  readonly #onChange: () => Promise<void>;
  readonly #closed: AbortSignal;
  #state: PolicyState = { kind: 'none' };
  #underWay: Promise<void> | undefined;

  /** @param onChange Called after each change of the state. @param closed Ends every look. */
  constructor(work: Pick<PanelWork, 'policy'>, log: Log, onChange: () => Promise<void>, closed: AbortSignal) {
    this.#work = work;
    this.#log = log;
    this.#onChange = onChange;
    this.#closed = closed;
  }

  get state(): PolicyState {
    return this.#state;
  }

  /** Joins the look that is under way, if there is one. */
  look(): Promise<void> {
    this.#underWay ??= this.#look().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  async #look(): Promise<void> {
    if (this.#state.kind !== 'known') await this.#become({ kind: 'looking' });
    try {
      await this.#become(await this.#work.policy(this.#closed));
    } catch (error) {
      if (this.#closed.aborted) return;
      if (!(error instanceof Failure)) throw error;
      this.#log.warn(`instructions panel: ${error.message}`);
      await this.#become({ kind: 'failed', sentence: error.message });
    }
  }

  async #become(state: PolicyState): Promise<void> {
    this.#state = state;
    await this.#onChange();
  }
}
