import type { Lender, Login, RegistryService } from '../../core/hosts/service.ts';

/** A way to sign in that may work on this machine. */
export type Way = { readonly service: RegistryService } & (
  | { readonly kind: 'token' }
  | { readonly kind: 'anonymous' }
  /** The logins that the lender has; it may take seconds to tell. */
  | { readonly kind: 'lent'; readonly lender: Lender; readonly logins: Promise<readonly Login[]> }
);

interface KnownWay {
  readonly way: Way;
  /** Empty where none are needed. */
  readonly logins: readonly Login[];
}

/**
 * The ways that work, in their order, as far as that is known: at once, and again whenever a lender says that it has
 * logins. One without any is no way.
 */
export async function* waysAsTheyCome(ways: readonly Way[]): AsyncGenerator<readonly KnownWay[]> {
  const answered = new Map<Way, readonly Login[]>();
  const pending = new Map(
    ways.flatMap((way) =>
      way.kind === 'lent' ? [[way, way.logins.then((logins) => ({ way, logins }))] as const] : [],
    ),
  );
  yield knownWays(ways, answered);
  while (pending.size > 0) {
    const { way, logins } = await Promise.race(pending.values());
    pending.delete(way);
    answered.set(way, logins);
    if (logins.length > 0) yield knownWays(ways, answered);
  }
}

function knownWays(ways: readonly Way[], answered: ReadonlyMap<Way, readonly Login[]>): readonly KnownWay[] {
  return ways.flatMap((way): KnownWay[] => {
    const logins = answered.get(way) ?? [];
    return way.kind === 'lent' && logins.length === 0 ? [] : [{ way, logins }];
  });
}
