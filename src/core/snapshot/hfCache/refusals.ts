import * as l10n from '@vscode/l10n';
import { Failure, type FailureKind } from '../../failure.ts';
import type { GitObjectId } from '../../objectIds.ts';
import type { CommandText } from '../../shells/commandText.ts';
import { commandForAnyShell } from '../../shells/anyShell.ts';
import { firstFew } from '../files/firstFew.ts';
import type { Origin } from '../snapshot.ts';

/** Something that `hf download` made. */
export interface Download {
  /** `namespace/name`; undefined where the download does not tell. */
  readonly model: string | undefined;
  readonly commit: GitObjectId;
  /** The cache, or the folder that was named for the download. */
  readonly into: { readonly option: '--cache-dir' | '--local-dir'; readonly folder: string };
}

/**
 * The command that completes the download; clients leave files alone that are there, unless they are forced. undefined
 * where the names cannot stand in one.
 */
function downloadCommand(
  { model = 'NAMESPACE/NAME', commit, into }: Download,
  ...more: readonly '--force-download'[]
): CommandText | undefined {
  // It would be taken for an option.
  if (model.startsWith('-')) return undefined;
  const words = ['hf', 'download', model, '--revision', commit, into.option, into.folder, ...more];
  return commandForAnyShell(words);
}

function completeSentence(download: Download): string {
  const command = downloadCommand(download);
  return command === undefined
    ? l10n.t('Download the model to the same place once more, then publish again.')
    : l10n.t('Complete it with “{0}”, then publish again.', command);
}

function renewSentence(download: Download): string {
  const command = downloadCommand(download, '--force-download');
  return command === undefined
    ? l10n.t('Remove them, download the model to the same place once more, then publish again.')
    : l10n.t(
        'Get them again with “{0}”, then publish again. Should they come as they are, the server names files by something else than their hashes: commit them to a repository of your own, and publish that.',
        command,
      );
}

export function originOf(download: Download): Origin {
  return {
    kind: 'download',
    complete: downloadCommand(download),
    renew: downloadCommand(download, '--force-download'),
  };
}

/** What stands before the publish of a snapshot, by path. */
export type Refusal =
  | 'missing'
  /** Its size or hash is not the commit's. */
  | 'changed'
  /** A link that leads out of where the client keeps contents. */
  | 'outside'
  /** A link to a folder, or a device. */
  | 'notAFile'
  /** No model registry takes a file of that name. */
  | 'refusedName';

interface Words {
  readonly kind: FailureKind;
  readonly message: (download: Download, paths: string) => string;
}

/** The gravest first. */
const WORDS: Readonly<Record<Refusal, Words>> = {
  outside: {
    kind: 'unpublishable',
    message: (_download, paths) =>
      l10n.t(
        'These links lead out of the folders in which downloads are kept: {0}. Nothing is published from elsewhere. Remove them, or replace them with the files themselves.',
        paths,
      ),
  },
  notAFile: {
    kind: 'unpublishable',
    message: (_download, paths) =>
      l10n.t(
        'Only files can be published, and these are links to folders, or devices: {0}. Remove them.',
        paths,
      ),
  },
  refusedName: {
    kind: 'unpublishable',
    message: (_download, paths) =>
      l10n.t(
        'Model registries refuse files in folders named “.git” or “.cache”: {0}. Remove or rename them.',
        paths,
      ),
  },
  missing: {
    kind: 'missingObject',
    message: (download, paths) =>
      l10n.t(
        'The snapshot {0} is not here as a whole, these files are missing: {1}. {2}',
        nameOf(download),
        paths,
        completeSentence(download),
      ),
  },
  changed: {
    kind: 'corrupt',
    message: (download, paths) =>
      l10n.t(
        'These files of the snapshot {0} are not as they were published: {1}. {2}',
        nameOf(download),
        paths,
        renewSentence(download),
      ),
  },
};

/** Throws the gravest of `refusals`, naming its paths. */
export function throwRefusal(download: Download, refusals: ReadonlyMap<string, Refusal>): void {
  for (const refusal of Object.keys(WORDS) as Refusal[]) {
    const paths = [...refusals].filter(([, other]) => other === refusal).map(([path]) => path);
    if (paths.length > 0) throw refusalOf(download, refusal, paths);
  }
}

export function refusalOf(
  download: Download,
  refusal: Refusal,
  paths: readonly string[],
  cause?: unknown,
): Failure {
  const { kind, message } = WORDS[refusal];
  const sorted = [...paths].sort();
  return new Failure(kind, message(download, firstFew(sorted)), { paths: sorted, cause });
}

/** A download that ended early, where nothing lists what should be there. */
export function interrupted(download: Download, leftover: string): Failure {
  return new Failure(
    'missingObject',
    l10n.t(
      'A download of {0} was interrupted and left “{1}”, so files may be missing. {2} If it is complete, delete that file.',
      nameOf(download),
      leftover,
      completeSentence(download),
    ),
    { paths: [leftover] },
  );
}

export function empty(download: Download): Failure {
  return new Failure(
    'missingObject',
    l10n.t('The snapshot {0} holds no files. {1}', nameOf(download), completeSentence(download)),
  );
}

function nameOf({ model, commit }: Download): string {
  const short = commit.slice(0, 8);
  return model === undefined ? `“${short}”` : l10n.t('{0} of “{1}”', short, model);
}
