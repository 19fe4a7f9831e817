const LONGEST_SUBJECT = 200;

/** The first line of a commit message, without what is invisible or turns text around; undefined where it has none. */
export function subjectLine(message: string | undefined): string | undefined {
  const [first = ''] = message?.trimStart().split(/\r?\n/, 1) ?? [];
  return first.slice(0, LONGEST_SUBJECT).replace(/\p{C}/gu, '').trim() || undefined;
}
