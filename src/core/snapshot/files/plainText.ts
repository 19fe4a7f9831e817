/** White space, and the escape that colours logs. */
const USUAL = new Set([0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x1b]);

/**
 * Whether bytes are text for people, by how they begin: UTF-8, or UTF-16 with a byte order mark, without other control
 * characters.
 *
 * @param isWhole whether there is no more than `bytes`; else its last character may be cut.
 */
export function isPlainText(bytes: Uint8Array, isWhole: boolean): boolean {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: !isWhole });
    for (const character of text) {
      const code = character.codePointAt(0) ?? 0;
      if ((code < 0x20 && !USUAL.has(code)) || (code >= 0x7f && code < 0xa0 && code !== 0x85)) return false;
    }
    return true;
  } catch {
    return false;
  }
}
