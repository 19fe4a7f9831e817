import type { GitObjectId, Sha256 } from '../../core/objectIds.ts';

/** How many bytes Git looks at for the same question. */
const LOOKED_AT = 8000;

/** Whether VS Code can show `bytes` as text: like Git, by NUL bytes, which only UTF-16 with its mark may have. */
export function isText(bytes: Uint8Array): boolean {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  return !bytes.subarray(0, LOOKED_AT).includes(0);
}

/** The editors of VS Code's media preview that show binary files, and run nothing of them. */
const MEDIA_EDITORS: readonly (readonly [files: RegExp, viewType: string])[] = [
  [/\.(?:jpe?g|jpe|png|bmp|gif|ico|webp|avif)$/i, 'imagePreview.previewEditor'],
  [/\.(?:mp3|wav|ogg|oga)$/i, 'vscode.audioPreview'],
  [/\.(?:mp4|webm)$/i, 'vscode.videoPreview'],
];

/** The extension that brings those editors. */
export const MEDIA_PREVIEW = 'vscode.media-preview';

/** The view type of VS Code's own editor for such a file though it is binary; undefined where it has none. */
export function mediaEditor(path: string): string | undefined {
  return MEDIA_EDITORS.find(([files]) => files.test(path))?.[1];
}

/** Whether it is a model card. */
export function isReadme(path: string): boolean {
  return /(?:^|\/)readme\.md$/i.test(path);
}

/** What tells contents apart that are not shown themselves, a little like the pointer of Git LFS. */
export function digestOf(file: {
  readonly size: number | undefined;
  readonly sha256: Sha256 | undefined;
  readonly gitSha1: GitObjectId | undefined;
}): string {
  const { size, sha256, gitSha1 } = file;
  const lines = [
    size === undefined ? undefined : `size ${size}`,
    sha256 !== undefined ? `sha256 ${sha256}` : gitSha1 && `git-sha1 ${gitSha1}`,
  ];
  return lines.map((line) => (line === undefined ? '' : `${line}\n`)).join('');
}
