import type { Log } from '../log.ts';
import { LONGEST_CARD, splitModelCard } from '../snapshot/modelCard.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { sampleOf } from './content.ts';
import { lookAtFiles } from './fileLooks.ts';
import type { PublishPlan } from './publishing.ts';
import { encodingOf } from './textWindows.ts';
import { cardOf, type WarningFacts } from './warnings.ts';

/**
 * What warnings before a publish are made of, as far as files have to be read for it; the arguments of `warningsOf`.
 */
export async function lookAtPlan(
  { snapshot, changed }: Pick<PublishPlan, 'snapshot' | 'changed'>,
  log: Log,
  signal: AbortSignal,
): Promise<Pick<WarningFacts, 'snapshot' | 'changed' | 'described' | 'looks'>> {
  const [described, looks] = await Promise.all([
    isDescribed(snapshot, log, signal),
    lookAtFiles(changed, log, signal),
  ]);
  return { snapshot, changed, described, looks };
}

/** Whether the model card has metadata; undefined where there is none, or it cannot be read. */
async function isDescribed(snapshot: Snapshot, log: Log, signal: AbortSignal): Promise<boolean | undefined> {
  const card = cardOf(snapshot);
  if (card === undefined) return undefined;
  try {
    const bytes = await sampleOf(card, Math.min(card.size, LONGEST_CARD));
    return encodingOf(bytes) === 'utf-8' ? await hasMetadata(bytes.toString('utf8')) : undefined;
  } catch (error) {
    signal.throwIfAborted();
    log.warn(`${card.path} could not be looked at: ${String(error)}`);
    return undefined;
  }
}

/** Metadata of plain values and lists of them, for which no parser has to be loaded. */
const PLAIN =
  /^\uFEFF?---\r?\n(?:[A-Za-z][\w-]*:(?: \w[\w./ -]*\r?\n|\r?\n(?: *- \w[\w./-]*\r?\n)+))+---\r?\n/;

async function hasMetadata(card: string): Promise<boolean> {
  if (PLAIN.test(card)) return true;
  if (splitModelCard(card).frontMatter === undefined) return false;
  const { readFrontMatter } = await import('../snapshot/frontMatter.ts');
  return readFrontMatter(card).size > 0;
}
