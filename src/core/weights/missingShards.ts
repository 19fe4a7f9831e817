import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';
import { shardName } from './shardNames.ts';
import type { WeightSet } from './weightSets.ts';

/**
 * Refuses weights of which not all files are there: their sum would be taken for the whole.
 *
 * @param total How many files another source says there are; their names may say it, too.
 * @throws Failure `corrupt`
 */
export function refuseMissingShards({ entry, files }: WeightSet, total = 1): void {
  const names = files.flatMap(({ path }) => shardName(path) ?? []);
  const expected = Math.max(total, ...names.map((name) => name.total));
  const present =
    names.length === files.length ? new Set(names.map(({ number }) => number)).size : files.length;
  if (present < expected) throw missingShards(entry, expected - present, expected);
}

/** @param entry The weights of which files are missing. */
export function missingShards(entry: string, missing: number, total: number): Failure {
  const message =
    missing === 1
      ? l10n.t('1 of {1} files of “{0}” is missing, so its weights are not summed up.', entry, total)
      : l10n.t(
          '{2} of {1} files of “{0}” are missing, so its weights are not summed up.',
          entry,
          total,
          missing,
        );
  return new Failure('corrupt', message, { paths: [entry] });
}
