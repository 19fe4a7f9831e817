const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 365 * 24 * 3600],
  ['month', 30 * 24 * 3600],
  ['week', 7 * 24 * 3600],
  ['day', 24 * 3600],
  ['hour', 3600],
  ['minute', 60],
];

/** How long before (or after) `now` `date` is, in the words of `locale`: "3 hours ago", "yesterday", "now". */
export function relativeTime(date: Date, now: Date, locale: string): string {
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const seconds = (date.getTime() - now.getTime()) / 1000;
  // Below a minute nothing but "now": a view does not count seconds.
  const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', Infinity];
  // Truncated rather than rounded: what is 90 minutes old was published one hour ago, not two. Adding 0 turns -0 into
  // 0.
  return format.format(Math.trunc(seconds / length) + 0, unit);
}
