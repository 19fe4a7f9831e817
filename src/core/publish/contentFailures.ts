import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';
import type { SnapshotFile } from '../snapshot/snapshot.ts';

/** The bytes of `file` are not those that its commit names. */
export function damaged({ kind, path, origin }: SnapshotFile): Failure {
  if (origin.kind === 'workTree') {
    return new Failure(
      'corrupt',
      l10n.t(
        '“{0}” was changed after it was committed, and its committed content is not in the repository’s Git LFS store. Nothing was published. Get it with “git lfs fetch”, or commit the change, then publish again.',
        path,
      ),
      { paths: [path] },
    );
  }
  return new Failure(
    'corrupt',
    l10n.t(
      '“{0}” is damaged on this machine: its bytes are not those that the commit names. Nothing was published. {1}',
      path,
      origin.kind === 'download'
        ? origin.renew === undefined
          ? l10n.t('Remove it, download the model to the same place once more, then publish again.')
          : l10n.t('Get it again with “{0}”, then publish again.', origin.renew)
        : kind === 'lfs'
          ? l10n.t('Repair it with “git lfs fsck” and “git lfs pull”, then publish again.')
          : l10n.t('Check the repository with “git fsck”.'),
    ),
    { paths: [path] },
  );
}

/** The content of `files`, at least one, is neither here nor on the server. */
export function missingObjects(files: readonly SnapshotFile[]): Failure {
  const paths = files.map(({ path }) => path);
  const [first] = files;
  const command = first?.origin.kind === 'download' ? first.origin.complete : 'git lfs pull';
  const remedy =
    command === undefined
      ? l10n.t('Download the model to the same place once more, then publish again.')
      : l10n.t('Get what is missing with “{0}”, then publish again.', command);
  return new Failure(
    'missingObject',
    paths.length === 1
      ? l10n.t(
          'The content of “{0}” is neither on this machine nor in the registry. {1}',
          ...[paths[0] ?? '', remedy],
        )
      : l10n.t(
          'The contents of “{0}” and {1} more are neither on this machine nor in the registry. {2}',
          ...[paths[0] ?? '', paths.length - 1, remedy],
        ),
    { paths },
  );
}
