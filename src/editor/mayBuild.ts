import type { RegistryAction } from '../core/hosts/host.ts';
import type { Session } from './accounts/sessions.ts';

/** What publishing with a build does besides browsing. */
export const BUILDING: readonly RegistryAction[] = ['listPipelines', 'createBuild', 'readBuilds'];

/** Whether the account can build commits: where it belongs to is a service that does, and the token may do it. */
export function mayBuild(session: Session): boolean {
  return session.host.pipelines !== undefined && BUILDING.every((action) => session.may(action));
}
