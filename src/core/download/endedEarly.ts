import * as l10n from '@vscode/l10n';
import type { ResponseHead } from '../http/client.ts';
import type { WantedFile } from './downloading.ts';

/** Says that the content stopped before its end. */
export function endedEarly({ path }: WantedFile, { url }: ResponseHead): string {
  return l10n.t(
    '{1} stopped in the middle of “{0}”. Download it again: it goes on where it stopped.',
    path,
    url.host,
  );
}
