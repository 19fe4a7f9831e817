import { connectionTo } from '../../core/hub/connection.ts';
import { listCommits } from '../../core/hub/commitList.ts';
import type { HttpClient } from '../../core/http/client.ts';
import type { Log } from '../../core/log.ts';
import type { CommitName } from '../../core/objectIds.ts';
import type { ModelVersion } from '../../core/hosts/host.ts';
import type { Session } from '../accounts/sessions.ts';
import type { VersionRow } from '../rows.ts';

/** What is known of one registry, in one session. */
interface KnownRegistry {
  /** By model. null is a message that was asked for and not had. */
  readonly models: Map<string, Map<CommitName, string | null>>;
  /** It has no list of commits. */
  without: boolean;
}

/**
 * The messages of versions' commits, which registries' own lists leave out. They come from the Hub's list of commits,
 * in one request beside a page of versions. What is not had is absent: nobody is told, and what was answered is not
 * asked again.
 */
export class CommitMessages {
  readonly #services: { readonly http: HttpClient; readonly log: Log };
  readonly #isVisible: () => boolean;
  readonly #onKnown: (rows: readonly VersionRow[]) => void;
  readonly #sessions = new WeakMap<Session, Map<string, KnownRegistry>>();
  readonly #left = new Map<string, readonly VersionRow[]>();
  readonly #controller = new AbortController();

  /** @param onKnown Called with the versions whose messages came. */
  constructor(
    services: { readonly http: HttpClient; readonly log: Log },
    isVisible: () => boolean,
    onKnown: (rows: readonly VersionRow[]) => void,
  ) {
    this.#services = services;
    this.#isVisible = isVisible;
    this.#onKnown = onKnown;
  }

  /** undefined where it is not known. */
  of(row: VersionRow): string | undefined {
    const { commit } = row.version;
    return commit === undefined ? undefined : (this.#messagesOf(row).get(commit) ?? undefined);
  }

  /** Asks for messages from the newest of `rows` on, all of one model, once each. Not while the view is hidden. */
  want(rows: readonly VersionRow[]): void {
    const newest = rows.find((row) => this.#isUnasked(row));
    if (!newest || this.#controller.signal.aborted || this.#registryOf(newest).without) return;
    const { registry, model } = newest.version;
    const key = JSON.stringify([newest.session.accountId, registry.organization, registry.slug, model]);
    if (!this.#isVisible()) {
      this.#left.set(key, rows);
      return;
    }
    this.#left.delete(key);
    void this.#load(rows, newest);
  }

  /** Does what `want` left while the view was hidden, for sessions that are live still. */
  resume(isLive: (session: Session) => boolean): void {
    const waiting = [...this.#left.values()];
    this.#left.clear();
    for (const rows of waiting) this.want(rows.filter(({ session }) => isLive(session)));
  }

  dispose(): void {
    this.#controller.abort();
    this.#left.clear();
  }

  async #load(rows: readonly VersionRow[], newest: CommittedRow): Promise<void> {
    const { http, log } = this.#services;
    const { signal } = this.#controller;
    const { session, version } = newest;
    const messages = this.#messagesOf(newest);
    const asked = rows
      .flatMap(({ version: { commit } }) => commit ?? [])
      .filter((commit) => !messages.has(commit));
    for (const commit of asked) messages.set(commit, null);
    const about = `${version.registry.organization}/${version.registry.slug}/${version.model}`;
    try {
      const connection = connectionTo(session.host.hub(version.registry), version.model, http);
      const commits = await listCommits(connection, version.commit, signal, {
        retries: 0,
        longestAskedMs: 0,
      });
      if (!commits) {
        this.#registryOf(newest).without = true;
        log.info(`registries: no list of commits for ${about}; versions show no commit messages`);
        return;
      }
      const missing = rows.filter((row) => this.of(row) === undefined);
      for (const { id, message } of commits) if (message !== '') messages.set(id, message);
      const came = missing.filter((row) => this.of(row) !== undefined);
      if (came.length > 0) this.#onKnown(came);
    } catch (error) {
      if (signal.aborted) return;
      for (const commit of asked) if (messages.get(commit) === null) messages.delete(commit);
      log.warn(`registries: no commit messages for ${about}: ${String(error)}`);
    }
  }

  #registryOf({ session, version: { registry } }: VersionRow): KnownRegistry {
    const registries = this.#sessions.get(session) ?? new Map<string, KnownRegistry>();
    this.#sessions.set(session, registries);
    const key = `${registry.organization}/${registry.slug}`;
    const found = registries.get(key) ?? { models: new Map(), without: false };
    registries.set(key, found);
    return found;
  }

  #messagesOf(row: VersionRow): Map<CommitName, string | null> {
    const { models } = this.#registryOf(row);
    const messages = models.get(row.version.model) ?? new Map<CommitName, string | null>();
    models.set(row.version.model, messages);
    return messages;
  }

  /** Whether a row is of a commit that was not asked for. */
  #isUnasked(row: VersionRow): row is CommittedRow {
    return row.version.commit !== undefined && !this.#messagesOf(row).has(row.version.commit);
  }
}

type CommittedRow = VersionRow & { readonly version: ModelVersion & { readonly commit: CommitName } };
