import type { RegistryAction } from '../host.ts';
import type { WhoamiAnswer } from './whoami.ts';

/** Of a token that a server without `whoami-v2` took unseen: it has the last word on everything. */
export const UNCHECKED: ReadonlySet<string> = new Set(['unchecked']);

const READ = 'read';
const WRITE = 'write';
const WRITES_THERE = `repo.${WRITE}:`;

/**
 * What a token may do: `write`; or `read`, and `repo.write:<namespace, model or id>` for what a fine-grained one may
 * write besides. A browser's login tells nothing of it, and may write as far as we know; so may a role that is not
 * known here.
 */
export function scopesOf({ auth }: WhoamiAnswer): ReadonlySet<string> {
  const token = auth?.accessToken;
  if (token?.role === READ) return new Set([READ]);
  if (token?.role !== 'fineGrained') return new Set([WRITE]);
  const written = token.fineGrained.filter(({ permissions }) => permissions.includes('repo.write'));
  return new Set([READ, ...written.map(({ entity }) => WRITES_THERE + entity)]);
}

/** Whether a token with those scopes may do it, as far as scopes go. */
export function mayDo(action: RegistryAction, scopes: ReadonlySet<string>): boolean {
  if (action !== 'publish') return false;
  return [...scopes].some(
    (scope) => scope === WRITE || UNCHECKED.has(scope) || scope.startsWith(WRITES_THERE),
  );
}

/** What the Hub calls the permission for it; undefined for what it does not have. */
export function scopeFor(action: RegistryAction): string | undefined {
  return action === 'publish' ? WRITE : undefined;
}
