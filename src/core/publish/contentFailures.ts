import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';
import { lfsCommand, lfsRepairCommand, withoutServer } from '../snapshot/git/lfsCommands.ts';
import type { LfsPlace, Origin, SnapshotFile } from '../snapshot/snapshot.ts';

/** The bytes of `file` are not those that its commit names. */
export function damaged({ kind, path, origin }: SnapshotFile): Failure {
  const noServer = withoutServer(placesOf([origin]));
  if (origin.kind === 'workTree') {
    return new Failure(
      'corrupt',
      noServer === undefined
        ? l10n.t(
            '“{0}” was changed after it was committed, and its committed content is not in the repository’s Git LFS store. Nothing was published. Get it with “{1}”, or commit the change, then publish again.',
            path,
            lfsCommand('fetch', placesOf([origin])),
          )
        : l10n.t(
            '“{0}” was changed after it was committed, and its committed content is not in the repository’s Git LFS store. Nothing was published. Commit the change, then publish again.',
            path,
          ),
      { paths: [path] },
    );
  }
  if (origin.kind === 'hub') {
    return new Failure(
      'corrupt',
      l10n.t(
        '{1} sends other bytes for “{0}” than its list of files promises. Nothing was published. Try again, or report it to its operators.',
        path,
        origin.endpoint.host,
      ),
      { paths: [path], source: origin.endpoint.host },
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
          : l10n.t(
              'Get it again with “{0}”, then publish again. Should it come as it is, the server names files by something else than their hashes: commit it to a repository of your own, and publish that.',
              origin.renew,
            )
        : kind === 'lfs'
          ? (noServer ??
            l10n.t(
              'Repair it with “{0}” and “{1}”, then publish again.',
              lfsRepairCommand(placesOf([origin])),
              lfsCommand('pull', placesOf([origin])),
            ))
          : l10n.t('Check the repository with “git fsck”.'),
    ),
    { paths: [path] },
  );
}

/**
 * The content of `files`, at least one, is missing.
 *
 * @param where `here`: the registry cannot be asked; `hereNorThere`: it does not have it either.
 */
export function missingObjects(files: readonly SnapshotFile[], where: 'here' | 'hereNorThere'): Failure {
  const paths = files.map(({ path }) => path);
  const { sentence, command } = remedyFor(files);
  const [first = ''] = paths;
  const more = paths.length - 1;
  const one =
    where === 'here'
      ? l10n.t('The content of “{0}” is not on this machine. {1}', first, sentence)
      : l10n.t('The content of “{0}” is neither on this machine nor in the registry. {1}', first, sentence);
  const several =
    where === 'here'
      ? l10n.t('The contents of “{0}” and {1} more are not on this machine. {2}', first, more, sentence)
      : l10n.t(
          'The contents of “{0}” and {1} more are neither on this machine nor in the registry. {2}',
          ...[first, more, sentence],
        );
  return new Failure('missingObject', more === 0 ? one : several, { paths, command });
}

/** How the contents of `files`, at least one, are got; `command` is absent where names cannot stand in one. */
function remedyFor(files: readonly SnapshotFile[]): {
  readonly sentence: string;
  readonly command: string | undefined;
} {
  const [first] = files;
  const places = placesOf(files.map(({ origin }) => origin));
  const noServer = withoutServer(places);
  const command =
    first?.origin.kind === 'download'
      ? first.origin.complete
      : noServer === undefined
        ? lfsCommand('pull', places)
        : undefined;
  return {
    command,
    sentence:
      command === undefined
        ? (noServer ?? l10n.t('Download the model to the same place once more, then publish again.'))
        : l10n.t('Get what is missing with “{0}”, then publish again.', command),
  };
}

function placesOf(origins: readonly Origin[]): readonly LfsPlace[] {
  return origins.flatMap((origin) => ('lfs' in origin && origin.lfs ? [origin.lfs] : []));
}
