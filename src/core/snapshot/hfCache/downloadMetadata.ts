import { asCommitName, asGitObjectId, type CommitName, type GitObjectId } from '../../objectIds.ts';
import { allOf } from '../../async/allOf.ts';
import { readSmallFile } from '../files/regularFile.ts';
import { walk } from '../files/walk.ts';

/** What huggingface_hub notes of a file that it put into a folder of a person's choice (`_local_folder.py`). */
export interface DownloadMetadata {
  readonly commit: GitObjectId;
  readonly etag: string;
  /** When the note was right, in milliseconds of the Unix epoch. */
  readonly notedAt: number;
}

const SUFFIX = '.metadata';
const READS_AT_ONCE = 32;
/** A commit, an ETag and a time are much shorter. Bytes. */
const LONGEST = 1024;
/** Write times are not as exact as the notes; huggingface_hub allows the same. */
const TOLERANCE_MS = 1000;

/** The notes in `<folder>/.cache/huggingface/download`, by path. What cannot be understood is left out. */
export async function readDownloadMetadata(
  downloads: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, DownloadMetadata>> {
  const entries = await walk(downloads, signal);
  const notes = entries.filter(({ path, kind }) => kind === 'file' && path.endsWith(SUFFIX));
  const read = await allOf(notes, READS_AT_ONCE, signal, async ({ path, file }) => {
    const text = (await readSmallFile(file, LONGEST))?.toString('latin1');
    const metadata = text === undefined ? undefined : parseDownloadMetadata(text);
    return metadata === undefined ? [] : [[path.slice(0, -SUFFIX.length), metadata] as const];
  });
  return new Map(read.flat());
}

/** What a note calls its commit, where that is no name of Git's; undefined where none does. */
export async function otherNameIn(downloads: string, signal: AbortSignal): Promise<string | undefined> {
  for (const { path, kind, file } of await walk(downloads, signal)) {
    if (kind !== 'file' || !path.endsWith(SUFFIX)) continue;
    const text = (await readSmallFile(file, LONGEST))?.toString('utf8') ?? '';
    const [commit = '', etag = '', seconds = ''] = text.split('\n').map((line) => line.trim());
    const isNote = etag !== '' && seconds !== '' && Number.isFinite(Number(seconds));
    if (isNote && asGitObjectId(commit) === undefined && asCommitName(commit) !== undefined) return commit;
  }
  return undefined;
}

/** Three lines: commit, ETag, seconds of the Unix epoch with a fraction. */
export function parseDownloadMetadata(text: string): DownloadMetadata | undefined {
  const [commit = '', etag = '', seconds = ''] = text.split('\n').map((line) => line.trim());
  const id = asGitObjectId(commit);
  const notedAt = Number(seconds) * 1000;
  if (id === undefined || etag === '' || seconds === '' || !Number.isFinite(notedAt)) return undefined;
  return { commit: id, etag, notedAt };
}

/** A note that {@link parseDownloadMetadata} and huggingface_hub read. */
export function downloadMetadataText({
  commit,
  etag,
  notedAt,
}: Omit<DownloadMetadata, 'commit'> & { readonly commit: CommitName }): string {
  return `${commit}\n${etag}\n${notedAt / 1000}\n`;
}

/** Whether a file last changed at `mtimeMs` is still the one that was noted. */
export function isUntouched({ notedAt }: DownloadMetadata, mtimeMs: number): boolean {
  return mtimeMs - TOLERANCE_MS <= notedAt;
}
