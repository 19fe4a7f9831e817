import { connectionTo } from '../../core/hub/connection.ts';
import { listCommits } from '../../core/hub/commitList.ts';
import type { HttpClient } from '../../core/http/client.ts';
import type { Log } from '../../core/log.ts';
import type { CommitName } from '../../core/objectIds.ts';
import type { ModelVersion } from '../../core/hosts/host.ts';
import type { Session } from '../accounts/sessions.ts';
import type { VersionRow } from '../rows.ts';

/**
 * The messages of versions' commits, which registries' own lists leave out. They come from the Hub's list of commits,
 * in one request beside a page of versions. What is not had is absent: nobody is told, and what was answered is not
 * asked again.
 */
interface CommitMessages {
  /** undefined where it is not known. */
  of(row: VersionRow): string | undefined;
  /** Asks for messages from the newest of `rows` on, all of one model, once each. Not while the view is hidden. */
  want(rows: readonly VersionRow[]): void;
  /** Does what `want` left while the view was hidden, for sessions that are live still. */
  resume(isLive: (session: Session) => boolean): void;
  dispose(): void;
}

/** What is known of one registry, in one session. */
interface KnownRegistry {
  /** By model. null is a message that was asked for and not had. */
  readonly models: Map<string, Map<CommitName, string | null>>;
  /** It has no list of commits. */
  without: boolean;
}

/** @param onKnown Called with the versions whose messages came. */
export function createCommitMessages(
  { http, log }: { readonly http: HttpClient; readonly log: Log },
  isVisible: () => boolean,
  onKnown: (rows: readonly VersionRow[]) => void,
): CommitMessages {
  const sessions = new WeakMap<Session, Map<string, KnownRegistry>>();
  const left = new Map<string, readonly VersionRow[]>();
  const controller = new AbortController();

  const registryOf = ({ session, version: { registry } }: VersionRow): KnownRegistry => {
    const registries = sessions.get(session) ?? new Map<string, KnownRegistry>();
    sessions.set(session, registries);
    const key = `${registry.organization}/${registry.slug}`;
    const found = registries.get(key) ?? { models: new Map(), without: false };
    registries.set(key, found);
    return found;
  };
  const messagesOf = (row: VersionRow): Map<CommitName, string | null> => {
    const { models } = registryOf(row);
    const messages = models.get(row.version.model) ?? new Map<CommitName, string | null>();
    models.set(row.version.model, messages);
    return messages;
  };
  const messageOf = (row: VersionRow): string | undefined => {
    const { commit } = row.version;
    return commit === undefined ? undefined : (messagesOf(row).get(commit) ?? undefined);
  };

  const load = async (rows: readonly VersionRow[], newest: VersionRow & { version: CommittedVersion }) => {
    const { session, version } = newest;
    const registry = registryOf(newest);
    const messages = messagesOf(newest);
    const asked = rows
      .flatMap(({ version: { commit } }) => commit ?? [])
      .filter((commit) => !messages.has(commit));
    for (const commit of asked) messages.set(commit, null);
    const about = `${version.registry.organization}/${version.registry.slug}/${version.model}`;
    try {
      const commits = await listCommits(
        connectionTo(session.host.hub(version.registry), version.model, http),
        version.commit,
        controller.signal,
        { retries: 0, longestAskedMs: 0 },
      );
      if (!commits) {
        registry.without = true;
        log.info(`registries: no list of commits for ${about}; versions show no commit messages`);
        return;
      }
      const missing = rows.filter((row) => messageOf(row) === undefined);
      for (const { id, message } of commits) if (message !== '') messages.set(id, message);
      const came = missing.filter((row) => messageOf(row) !== undefined);
      if (came.length > 0) onKnown(came);
    } catch (error) {
      if (controller.signal.aborted) return;
      for (const commit of asked) if (messages.get(commit) === null) messages.delete(commit);
      log.warn(`registries: no commit messages for ${about}: ${String(error)}`);
    }
  };
  const want = (rows: readonly VersionRow[]) => {
    const newest = rows.find(isCommitted(messagesOf));
    if (!newest || controller.signal.aborted || registryOf(newest).without) return;
    const { registry, model } = newest.version;
    const key = JSON.stringify([newest.session.accountId, registry.organization, registry.slug, model]);
    if (!isVisible()) {
      left.set(key, rows);
      return;
    }
    left.delete(key);
    void load(rows, newest);
  };

  return {
    of: messageOf,
    want,
    resume(isLive) {
      const waiting = [...left.values()];
      left.clear();
      for (const rows of waiting) want(rows.filter(({ session }) => isLive(session)));
    },
    dispose() {
      controller.abort();
      left.clear();
    },
  };
}

type CommittedVersion = ModelVersion & { readonly commit: CommitName };

/** Whether a row is of a commit that was not asked for. */
function isCommitted(messagesOf: (row: VersionRow) => ReadonlyMap<CommitName, unknown>) {
  return (row: VersionRow): row is VersionRow & { readonly version: CommittedVersion } =>
    row.version.commit !== undefined && !messagesOf(row).has(row.version.commit);
}
