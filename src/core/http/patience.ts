import type { HttpRequest } from './client.ts';

/** How long a request tries before it fails. */
export type Patience = Pick<HttpRequest, 'retries' | 'longestAskedMs' | 'idleTimeoutMs' | 'deadlineMs'>;

/** For a view: it rather tells soon that the server cannot be reached, or when to come back, than waits. */
export const BROWSING: Patience = { retries: 1, longestAskedMs: 0, idleTimeoutMs: 15_000 };
