import prettyBytes from 'pretty-bytes';

/** "12.3 MB". */
export function bytes(count: number): string {
  return prettyBytes(count);
}

/** "━━━━━━────". @param part from 0 to 1. */
export function bar(part: number, width: number): string {
  const full = Math.round(Math.max(0, Math.min(1, part)) * width);
  return '━'.repeat(full) + '─'.repeat(width - full);
}
