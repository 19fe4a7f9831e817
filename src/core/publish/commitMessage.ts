import * as l10n from '@vscode/l10n';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { type Named, trailersFor, withoutTrailers } from './trailer.ts';

/** What a template of commit messages may name. */
interface CommitMessageParts {
  /** First line of the local commit's message. */
  readonly subject: string;
  /** The local commit, whole. */
  readonly sha: string;
  /** Its first seven characters. */
  readonly shortSha: string;
  /** Empty where HEAD is detached. */
  readonly branch: string;
  /** `namespace/name`. */
  readonly model: string;
  /** `organization/registry`. */
  readonly registry: string;
}

const NAMES: Readonly<Record<keyof CommitMessageParts, true>> = {
  subject: true,
  sha: true,
  shortSha: true,
  branch: true,
  model: true,
  registry: true,
};

/** Characters of a template, at most: a message is read, not stored. */
export const LONGEST_TEMPLATE = 2000;

/** What a template names that there is not; empty where it can be used. */
export function unknownNames(template: string): readonly string[] {
  const named = [...template.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name);
  return [...new Set(named.filter((name) => !Object.hasOwn(NAMES, name)))];
}

/**
 * The registry's commit message, in which no line reads as our trailer; undefined, which stands for the subject, where
 * nothing but white space comes of it.
 */
export function commitMessage(template: string, parts: CommitMessageParts): string | undefined {
  const message = template.replace(/\{([^{}]*)\}/g, (whole, name: string) =>
    Object.hasOwn(NAMES, name) ? parts[name as keyof CommitMessageParts] : whole,
  );
  return withoutTrailers(message).trim() || undefined;
}

/** A commit message as the Hub protocol takes it. */
interface RegistryMessage {
  /** One line. */
  readonly summary: string;
  readonly description: string;
}

/**
 * The message of the registry's commit, which ends with the trailers that name the snapshot's own.
 *
 * @param message The first line is the summary, the rest the description. Undefined or empty: the subject of the
 * snapshot's commit.
 */
export function registryMessage(
  snapshot: Named & Pick<Snapshot, 'subject'>,
  message: string | undefined,
): RegistryMessage {
  const [first = '', ...rest] = withoutTrailers(message ?? '')
    .trim()
    .split(/\r?\n/);
  const { commit, subject } = snapshot;
  const summary = first || withoutTrailers(subject).trim() || l10n.t('Publish {0}', commit.slice(0, 8));
  const details = rest.join('\n').trim();
  return { summary, description: [details, trailersFor(snapshot)].filter(Boolean).join('\n\n') };
}
