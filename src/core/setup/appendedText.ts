/**
 * `lines` behind `before`, with the line ends that are used there, under a comment.
 *
 * @param before undefined where there is no such file yet.
 */
export function withLines(before: Buffer | undefined, heading: string, lines: readonly string[]): Buffer {
  const text = before?.toString('latin1') ?? '';
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const isOpen = text !== '' && !/[\r\n]$/.test(text);
  const gap = text.trim() === '' ? '' : end;
  const added = [`# ${heading}`, ...lines].map((line) => line + end).join('');
  return Buffer.concat([
    before ?? Buffer.alloc(0),
    Buffer.from(`${isOpen ? end : ''}${gap}${added}`, 'utf8'),
  ]);
}
