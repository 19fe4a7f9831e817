import { TextDecoder } from 'node:util';

/** What a person wants to know of a commit. */
interface CommitMessage {
  /** First line of the message. */
  readonly subject: string;
  readonly committedAt: Date;
}

/** Parses a commit object (https://git-scm.com/docs/git-commit, "commit information" and "discussion" on encodings). */
export function parseCommit(object: Buffer): CommitMessage {
  const end = object.indexOf('\n\n');
  const headers = object.subarray(0, end < 0 ? object.length : end).toString('latin1');
  const encoding = /^encoding (.+)$/m.exec(headers)?.[1] ?? 'utf-8';
  const seconds = Number(/^committer .*> (-?\d+) [+-]\d{4}$/m.exec(headers)?.[1] ?? 0);
  const message = decoder(encoding).decode(end < 0 ? Buffer.alloc(0) : object.subarray(end + 2));
  const subject = message.split('\n').find((line) => line.trim() !== '');
  return { subject: subject?.trim() ?? '', committedAt: new Date(seconds * 1000) };
}

function decoder(encoding: string): TextDecoder {
  try {
    return new TextDecoder(encoding);
  } catch {
    // An encoding that nobody knows; the letters of ASCII survive this.
    return new TextDecoder();
  }
}
