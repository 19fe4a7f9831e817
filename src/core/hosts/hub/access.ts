import { Failure } from '../../failure.ts';
import type { HubDescriptor } from './descriptors.ts';
import type { HubRequests } from './requests.ts';

/**
 * How models are asked for: with some fields of theirs, or with what the server tells by itself, in an order or in
 * none.
 */
const FORMS = ['fields', 'sorted', 'plain'] as const;
export type Form = (typeof FORMS)[number];

/** What was found out about a server, for all of its accounts. */
export class HubServer {
  /** Whether it lists models, as far as is known. */
  lists = true;
  #form: Form = 'fields';

  /** Asks in the fullest form that the server takes, and remembers which that is. Throws what `ask` throws. */
  async askInForm<T>(ask: (form: Form) => Promise<T>, form: Form = this.#form): Promise<T> {
    try {
      const answer = await ask(form);
      this.#form = form;
      return answer;
    } catch (error) {
      const simpler = FORMS[FORMS.indexOf(form) + 1];
      const isRefused = error instanceof Failure && (error.status === 400 || error.status === 422);
      if (!isRefused || simpler === undefined) throw error;
      return this.askInForm(ask, simpler);
    }
  }
}

/** One account's way to a Hub. */
export interface HubAccess {
  readonly descriptor: HubDescriptor;
  readonly requests: HubRequests;
  readonly server: HubServer;
  /** Of the person and of their organizations, without what the setting pins. */
  readonly namespaces: (signal: AbortSignal) => Promise<readonly string[]>;
}
