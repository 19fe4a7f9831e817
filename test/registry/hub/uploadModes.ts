import { lfsTracked, type ControlFiles } from '../store/attributes.ts';
import type { Behaviour } from './call.ts';

export interface Candidate {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Its first bytes. */
  readonly sample: Buffer;
}

/**
 * Which of the files go through LFS: those `.gitattributes` names, those from the size threshold on, and binary ones. An
 * empty file never does.
 */
export async function lfsPaths(
  candidates: readonly Candidate[],
  attributes: ControlFiles,
  behaviour: Pick<Behaviour, 'lfsThresholdBytes' | 'everythingIsLfs'>,
): Promise<ReadonlySet<string>> {
  const filled = candidates.filter((file) => file.size > 0);
  if (behaviour.everythingIsLfs) return new Set(filled.map((file) => file.path));
  const tracked = await lfsTracked(
    attributes,
    filled.map((file) => file.path),
  );
  return new Set(
    filled
      .filter(
        (file) => tracked.has(file.path) || file.size >= behaviour.lfsThresholdBytes || isBinary(file.sample),
      )
      .map((file) => file.path),
  );
}

/** Holds a NUL, or is not UTF-8 but for a character cut off at its end. */
function isBinary(sample: Buffer): boolean {
  if (sample.includes(0)) return true;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(sample, { stream: true });
    return false;
  } catch {
    return true;
  }
}
