import * as l10n from '@vscode/l10n';
import { Failure } from '../../core/failure.ts';
import { namedPaths } from '../../core/publish/warningTexts.ts';
import type { Author, CommitPlan, SetupPlan } from '../../core/setup/plans.ts';
import type { PlannedFileEvent } from './events.ts';
import { bytes } from '../texts.ts';

const marks: Record<PlannedFileEvent['change'], string> = { added: '+', modified: '~', deleted: '-' };

/** "+ model.safetensors (98 MB, Git LFS)". */
export function plannedFileLine({ change, path, size, store }: PlannedFileEvent): string {
  const notes = [...(size === undefined ? [] : [bytes(size)]), ...(store === 'lfs' ? ['Git LFS'] : [])];
  return `${marks[change]} ${path}${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`;
}

/** Who commits. Nobody is there to be asked: throws a `git` failure where nobody has told Git. */
export function authorOf({ author }: Pick<SetupPlan, 'author'>): Author {
  if (author !== undefined) return author;
  throw new Failure(
    'git',
    l10n.t(
      'Git does not know who commits. Run “git config --global user.name NAME” and “git config --global user.email ADDRESS”, and try again.',
    ),
  );
}

/** Throws a `secret` failure where files look like they hold some: once committed, they stay in the history. */
export function refuseSecretsIn({ secrets, kind }: SetupPlan | CommitPlan): void {
  if (secrets.length === 0) return;
  throw new Failure(
    'secret',
    kind === 'setUp'
      ? l10n.t(
          'Nothing was committed, because these files look like they hold secrets: {0}. Keep them out with --leave-out, or add --allow-secrets if they may be published.',
          namedPaths(secrets),
        )
      : l10n.t(
          'Nothing was committed, because these files look like they hold secrets: {0}. Add them to .gitignore, or add --allow-secrets if they may be published.',
          namedPaths(secrets),
        ),
    { paths: secrets },
  );
}
