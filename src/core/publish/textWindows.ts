/** Bytes by which a text is told from other content, as Git does (https://git-scm.com/docs/gitattributes, "text"). */
const TOLD_BY = 8000;
/** Characters that are looked at together. */
const WINDOW = 64 * 1024;

type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** The encoding of a text by how it begins; undefined for what is none. UTF-16 may have no byte order mark. */
export function encodingOf(beginning: Buffer): TextEncoding | undefined {
  if (beginning[0] === 0xff && beginning[1] === 0xfe) return 'utf-16le';
  if (beginning[0] === 0xfe && beginning[1] === 0xff) return 'utf-16be';
  const sample = beginning.subarray(0, TOLD_BY);
  if (!sample.includes(0)) return 'utf-8';
  const pairs = Math.floor(sample.length / 2);
  const zeros = [0, 0];
  for (let at = 0; at < pairs * 2; at++) if (sample[at] === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  // Most texts are Latin: every other byte is zero, and none of the rest.
  if (even === 0 && odd > pairs / 2) return 'utf-16le';
  return odd === 0 && even > pairs / 2 ? 'utf-16be' : undefined;
}

/**
 * A text in parts, so that not all of it is in memory. Neighbours share `overlap` characters: what is no longer than
 * that stands whole in one of them.
 */
export async function* windowsOf(
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
  encoding: TextEncoding,
  overlap: number,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  let text = '';
  let fresh = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += WINDOW) {
      const more = decoder.decode(chunk.subarray(at, at + WINDOW), { stream: true });
      text += more;
      fresh += more.length;
      if (fresh < WINDOW) continue;
      yield text;
      text = text.slice(-overlap);
      fresh = 0;
    }
  }
  text += decoder.decode();
  if (fresh > 0) yield text;
}
