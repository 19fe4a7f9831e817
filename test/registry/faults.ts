import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, FaultRule } from './registry.ts';

/** What happens to one request. */
export interface Affliction {
  /** Milliseconds before anything else happens. */
  readonly delayMs: number;
  /** What it waits for, too. */
  readonly holds: readonly Promise<unknown>[];
  /** Speed its body is held to; Infinity where it is not held. */
  readonly bytesPerSecond: number;
  /** How it ends, where it does not end well. */
  readonly ending: Exclude<Fault, { kind: Lasting }> | undefined;
}

/** Faults after which a request may end well. */
type Lasting = 'delay' | 'hold' | 'slow';
const LASTING: readonly Fault['kind'][] = ['delay', 'hold', 'slow'];

interface ActiveRule {
  readonly rule: FaultRule;
  passes: number;
  hits: number;
}

/**
 * The faults tests have injected. Delays, holds and slow links add up; of the others only the oldest matching rule hits a
 * request, so that rules of one path come one after another.
 */
export class Faults {
  #rules: ActiveRule[] = [];

  /** The returned function takes the rule away again. */
  inject(rule: FaultRule): () => void {
    const active: ActiveRule = { rule, passes: rule.after ?? 0, hits: rule.times ?? 1 };
    this.#rules.push(active);
    return () => {
      this.#rules = this.#rules.filter((each) => each !== active);
    };
  }

  clear(): void {
    this.#rules = [];
  }

  /** Counts a request against the rules. @param path with its query. */
  strike(method: string, path: string): Affliction {
    let delayMs = 0;
    const holds: Promise<unknown>[] = [];
    let bytesPerSecond = Infinity;
    let ending: Affliction['ending'];
    for (const active of [...this.#rules]) {
      const { rule } = active;
      if (rule.method !== undefined && rule.method.toUpperCase() !== method) continue;
      // A fresh expression, since one with the flag g or y remembers where it stopped.
      if (!new RegExp(rule.path.source, rule.path.flags.replace(/[gy]/g, '')).test(path)) continue;
      if (active.passes > 0) {
        active.passes -= 1;
        continue;
      }
      const { fault } = rule;
      if (!LASTING.includes(fault.kind) && ending !== undefined) continue;
      active.hits -= 1;
      if (active.hits <= 0) this.#rules = this.#rules.filter((each) => each !== active);
      if (fault.kind === 'delay') delayMs += fault.ms;
      else if (fault.kind === 'hold') holds.push(fault.until);
      else if (fault.kind === 'slow') bytesPerSecond = Math.min(bytesPerSecond, fault.bytesPerSecond);
      else ending = fault;
    }
    return { delayMs, holds, bytesPerSecond, ending };
  }
}

/** The body of a flood. */
export function blanks({
  bytes = Infinity,
  bytesPerSecond = Infinity,
}: Extract<Fault, { kind: 'flood' }>): Readable {
  const largest = Math.max(1, Math.min(64 * 1024, Math.floor(bytesPerSecond / 10)));
  const chunk = Buffer.alloc(largest, ' ');
  return Readable.from(
    (async function* () {
      for (let left = bytes; left > 0; left -= chunk.length) {
        yield left < chunk.length ? chunk.subarray(0, left) : chunk;
        if (bytesPerSecond !== Infinity) await sleep(100);
      }
    })(),
    { objectMode: false },
  );
}
