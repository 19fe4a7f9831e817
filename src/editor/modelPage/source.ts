import { connectionTo, type HubConnection } from '../../core/hub/connection.ts';
import type { ModelVersion, Registry } from '../../core/hosts/host.ts';
import type { Page } from '../../core/hosts/page.ts';
import type { Session } from '../accounts/sessions.ts';
import type { Services } from '../services.ts';
import { accountKey } from '../versionFiles/fileAddress.ts';
import { sessionOf } from '../versionFiles/fileContents.ts';
import type { PageAddress } from './pageAddress.ts';

/** Where a model is: the same for all versions that its page shows. */
type ModelPlace = Omit<PageAddress, 'commit'>;

/** The server's side of a page, by the session that its account has at the time. */
export class PageSource {
  readonly #services: Pick<Services, 'http' | 'sessions'>;
  readonly #place: ModelPlace;
  #registry: Registry | undefined;

  constructor(services: Pick<Services, 'http' | 'sessions'>, place: ModelPlace) {
    this.#services = services;
    this.#place = place;
  }

  /** undefined where the account is gone. */
  get knownSession(): Session | undefined {
    const { account } = this.#place;
    return this.#services.sessions.all.find(({ accountId }) => accountKey(accountId) === account);
  }

  /** Whether the account cannot be used, once it is known which can. */
  get isSignedOut(): boolean {
    const { sessions } = this.#services;
    const session = this.knownSession;
    return sessions.loaded && (!session || sessions.isRejected(session));
  }

  /** Throws `auth` where the account cannot be used. */
  session(): Promise<Session> {
    return sessionOf(this.#services, this.#place.account);
  }

  /** The registry and the session that reaches it; asked of the server once. */
  async registry(signal: AbortSignal): Promise<{ readonly session: Session; readonly registry: Registry }> {
    const { organization, registry: slug } = this.#place;
    const session = await this.session();
    this.#registry ??= await session.host.listing.registry(organization, slug, signal);
    return { session, registry: this.#registry };
  }

  async versions(cursor: string | undefined, signal: AbortSignal): Promise<Page<ModelVersion>> {
    const { session, registry } = await this.registry(signal);
    return session.host.listing.versions(registry, this.#place.model, { cursor }, signal);
  }

  async hub(): Promise<HubConnection> {
    const { organization, registry, model } = this.#place;
    const { host } = await this.session();
    return connectionTo(host.hub({ organization, slug: registry }), model, this.#services.http);
  }
}
