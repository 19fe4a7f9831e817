import { randomBytes } from 'node:crypto';

let lastTime = 0;
let lastSequence = 0;

/**
 * A UUID of version 7 (RFC 9562, section 5.7). Within this process later ones sort after earlier ones,
 * also when made in the same millisecond.
 */
export function uuidv7(): string {
  const now = Date.now();
  if (now > lastTime) {
    lastTime = now;
    lastSequence = 0;
  } else {
    lastSequence += 1;
    if (lastSequence > 0xfff) {
      lastTime += 1;
      lastSequence = 0;
    }
  }
  const time = lastTime.toString(16).padStart(12, '0');
  const sequence = lastSequence.toString(16).padStart(3, '0');
  const random = randomBytes(8);
  random[0] = ((random[0] ?? 0) & 0x3f) | 0x80;
  const tail = random.toString('hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${sequence}-${tail.slice(0, 4)}-${tail.slice(4)}`;
}
