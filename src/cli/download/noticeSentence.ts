import * as l10n from '@vscode/l10n';
import type { DownloadNotice } from '../../core/download/notices.ts';
import { firstFew } from '../../core/snapshot/files/firstFew.ts';

/** Something to beware of, as a sentence. */
export function noticeSentence({ kind, paths }: DownloadNotice): string {
  const named = firstFew(paths);
  switch (kind) {
    case 'obeyed':
      return l10n.t('Editors, shells, agents or other tools act on these files by themselves: {0}.', named);
    case 'runsCode':
      return l10n.t(
        'Loading these files can run code: {0}. Do that only where you trust who published them.',
        named,
      );
  }
}
