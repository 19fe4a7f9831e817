import type { Organization, Registry } from '../core/hosts/host.ts';
import type { Session } from './accounts/sessions.ts';

/** An organization, and the account that reaches it. */
export interface OrganizationPlace {
  readonly session: Session;
  readonly organization: Organization;
}

/** A registry, and the account that reaches it. */
export interface RegistryPlace {
  readonly session: Session;
  readonly registry: Registry;
}

/** The registry of an account's organization, as it is remembered. */
export interface RememberedRegistry {
  readonly accountId: string;
  readonly organization: string;
  /** Slug. */
  readonly registry: string;
}
