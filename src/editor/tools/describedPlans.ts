import { digestOf, PLAN_PARTS, type PlanPart, type PlanParts } from '../../core/publish/planDigest.ts';
import type { PlanDigest } from '../../core/publish/publishing.ts';

/** Knows plans that were described before, so that it can be said what changed since. */
export interface DescribedPlans {
  add(parts: PlanParts): PlanDigest;
  /** Parts in which a plan differs from the one of that digest; none where it is not known. */
  differences(digest: string, parts: PlanParts): readonly PlanPart[];
}

/** Plans that are kept to tell what changed. */
const MOST_PLANS = 50;

export function describedPlans(): DescribedPlans {
  const known = new Map<string, PlanParts>();
  return {
    add(parts) {
      const digest = digestOf(parts);
      known.delete(digest);
      known.set(digest, parts);
      for (const oldest of known.keys()) {
        if (known.size <= MOST_PLANS) break;
        known.delete(oldest);
      }
      return digest;
    },
    differences(digest, parts) {
      const described = known.get(digest);
      return described === undefined ? [] : PLAN_PARTS.filter((part) => described[part] !== parts[part]);
    },
  };
}
