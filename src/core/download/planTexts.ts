import * as l10n from '@vscode/l10n';
import { sizeText } from '../sizeText.ts';

/** Numbers of a download's files, and bytes. */
interface Amounts {
  readonly missing: number;
  readonly present: number;
  readonly differing: number;
  /** What is missing. */
  readonly bytes: number;
  readonly totalBytes: number;
}

/** What comes and what is there, in lines that the editor and the terminal both show; what is zero is left out. */
export function amountLines(
  { missing, present, differing, bytes, totalBytes }: Amounts,
  language = 'en',
): readonly string[] {
  const counts = [
    ...(missing > 0 ? [l10n.t('{0} to download', missing)] : []),
    ...(present > 0 ? [l10n.t('{0} already there', present)] : []),
    ...(differing > 0 ? [l10n.t('{0} there with different content', differing)] : []),
  ];
  const size = (count: number): string => sizeText(count, language);
  return [
    ...(counts.length === 0 ? [] : [l10n.t('Files: {0}', counts.join(', '))]),
    bytes === 0
      ? l10n.t('To download: nothing')
      : bytes === totalBytes
        ? l10n.t('To download: {0}', size(bytes))
        : l10n.t('To download: {0} of {1}', size(bytes), size(totalBytes)),
  ];
}
