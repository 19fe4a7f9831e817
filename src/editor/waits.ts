import type { FollowOptions } from '../core/hosts/followBuild.ts';
import type { HttpClientOptions } from '../core/http/nodeClient.ts';

/** How long is waited before a server is asked again. What is left out is as where it is made. */
export interface Waits {
  /** Between the tries of a request. */
  readonly backoff?: NonNullable<HttpClientOptions['backoff']>;
  /** Milliseconds, at the least, before a page of a view is tried again that a server asked to wait for. */
  readonly timedRetryMs?: number;
  /** Milliseconds after which a row of the Registries view says that others are on their way. */
  readonly loadingRowMs?: number;
  /** Between two looks at a build. */
  readonly pauseOfBuilds?: FollowOptions['pause'];
}
