/** What a template of commit messages may name. */
export interface CommitMessageParts {
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

/** The registry's commit message; undefined, which stands for the subject, where nothing but white space comes of it. */
export function commitMessage(template: string, parts: CommitMessageParts): string | undefined {
  const message = template.replace(/\{([^{}]*)\}/g, (whole, name: string) =>
    Object.hasOwn(NAMES, name) ? parts[name as keyof CommitMessageParts] : whole,
  );
  return message.trim() || undefined;
}
