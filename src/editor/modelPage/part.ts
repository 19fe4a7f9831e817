import { isAbort } from '../commands.ts';

/** How far the content of a part of a page is. */
export type PartState<T> =
  | { readonly status: 'idle' }
  | { readonly status: 'loading' }
  | { readonly status: 'failed'; readonly error: unknown }
  | { readonly status: 'ready'; readonly value: T };

/** What can be read of a part. */
export interface Loaded<T> {
  readonly state: PartState<T>;
}

/** A part of a page that is loaded by itself, and given up where nobody looks. */
export class Part<T> implements Loaded<T> {
  readonly #load: (signal: AbortSignal) => Promise<T>;
  readonly #onChange: () => void;
  #state: PartState<T> = { status: 'idle' };
  #underWay: AbortController | undefined;

  /** @param onChange Called after every change of the state, except by `pause`. */
  constructor(load: (signal: AbortSignal) => Promise<T>, onChange: () => void) {
    this.#load = load;
    this.#onChange = onChange;
  }

  get state(): PartState<T> {
    return this.#state;
  }

  /** Loads it, unless it was loaded or has failed. */
  begin(): void {
    if (this.#state.status === 'idle') void this.#start();
  }

  /** Loads it once more after it has failed. */
  again(): void {
    if (this.#state.status === 'failed' || this.#state.status === 'idle') void this.#start();
  }

  /** Gives up what is under way; {@link begin} starts it anew. */
  pause(): void {
    if (!this.#underWay) return;
    const controller = this.#underWay;
    this.#underWay = undefined;
    this.#state = { status: 'idle' };
    controller.abort();
  }

  async #start(): Promise<void> {
    const controller = new AbortController();
    this.#underWay = controller;
    this.#state = { status: 'loading' };
    this.#onChange();
    const ended = await this.#run(controller.signal);
    if (this.#underWay !== controller) return;
    this.#underWay = undefined;
    this.#state = ended;
    this.#onChange();
  }

  async #run(signal: AbortSignal): Promise<PartState<T>> {
    try {
      return { status: 'ready', value: await this.#load(signal) };
    } catch (error) {
      // Another reader's cancellation is no failure of this one.
      return isAbort(error) ? { status: 'idle' } : { status: 'failed', error };
    }
  }
}
