import type { HubDescriptor } from './descriptors.ts';
import type { HubRequests } from './requests.ts';

/** How models are asked for: what a server refuses, it is asked for without. */
export const FORMS = ['fields', 'sorted', 'plain'] as const;

/** What was found out about a server, for all of its accounts. */
export class HubServer {
  /** Whether it lists models, as far as is known. */
  lists = true;
  form: (typeof FORMS)[number] = 'fields';
}

/** One account's way to a Hub. */
export interface HubAccess {
  readonly descriptor: HubDescriptor;
  readonly requests: HubRequests;
  readonly server: HubServer;
  /** Of the person and of their organizations, without what the setting pins. */
  readonly namespaces: (signal: AbortSignal) => Promise<readonly string[]>;
}
