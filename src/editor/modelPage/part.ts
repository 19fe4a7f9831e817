import { isAbort } from '../commands.ts';

/** How far the content of a part of a page is. */
export type PartState<T> =
  | { readonly status: 'idle' }
  | { readonly status: 'loading' }
  | { readonly status: 'failed'; readonly error: unknown }
  | { readonly status: 'ready'; readonly value: T };

/** A part of a page that is loaded by itself, and given up where nobody looks. */
export interface Part<T> {
  readonly state: PartState<T>;
  /** Loads it, unless it was loaded or has failed. */
  begin(): void;
  /** Loads it once more after it has failed. */
  again(): void;
  /** Gives up what is under way; {@link begin} starts it anew. */
  pause(): void;
}

/** @param onChange Called after every change of the state, except by `pause`. */
export function createPart<T>(load: (signal: AbortSignal) => Promise<T>, onChange: () => void): Part<T> {
  let state: PartState<T> = { status: 'idle' };
  let underWay: AbortController | undefined;

  async function run(controller: AbortController): Promise<PartState<T>> {
    try {
      return { status: 'ready', value: await load(controller.signal) };
    } catch (error) {
      // Another reader's cancellation is no failure of this one.
      return isAbort(error) ? { status: 'idle' } : { status: 'failed', error };
    }
  }

  function start(): void {
    const controller = new AbortController();
    underWay = controller;
    state = { status: 'loading' };
    onChange();
    void run(controller).then((ended) => {
      if (underWay !== controller) return;
      underWay = undefined;
      state = ended;
      onChange();
    });
  }

  return {
    get state() {
      return state;
    },
    begin() {
      if (state.status === 'idle') start();
    },
    again() {
      if (state.status === 'failed' || state.status === 'idle') start();
    },
    pause() {
      if (!underWay) return;
      const controller = underWay;
      underWay = undefined;
      state = { status: 'idle' };
      controller.abort();
    },
  };
}
