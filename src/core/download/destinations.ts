import { dirname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';
import { asGitObjectId, shortName } from '../objectIds.ts';
import { firstFew } from '../snapshot/files/firstFew.ts';
import type { HashMemory } from '../snapshot/hashMemory.ts';
import { parseModelId } from '../snapshot/modelId.ts';
import { cacheLayout, storageName } from './cacheLayout.ts';
import { ignoresCase, realFolder } from './confinement.ts';
import type { DownloadPlan, DownloadSource } from './downloading.ts';
import { fileLayout } from './fileLayout.ts';
import { folderLayout } from './folderLayout.ts';
import type { Layout } from './layout.ts';
import { pathProblems, type PathProblem } from './localPaths.ts';

/**
 * How the destination of a download holds its files.
 *
 * @throws Failure where paths of the version cannot become files there.
 */
export async function layoutFor(
  {
    source,
    destination,
    listing,
    branch,
  }: Pick<DownloadPlan, 'source' | 'destination' | 'listing' | 'branch'>,
  hashes: HashMemory | undefined,
): Promise<Layout> {
  const { model, commit, hub } = source;
  switch (destination.kind) {
    case 'folder': {
      const root = await realFolder(destination.path);
      await refuseProblems([...listing.keys()], root);
      return folderLayout({ root, commit, listing, hashes });
    }
    case 'cache': {
      refuseOddName(model);
      const id = asGitObjectId(commit);
      if (id === undefined) throw noCommit(source);
      const { folder: cache, links } = destination;
      const root = await realFolder(join(cache, storageName(model)));
      await refuseProblems([...listing.keys()], root);
      const { endpoint } = hub;
      return cacheLayout({ cache, root, endpoint, commit: id, branch, listing, links, hashes });
    }
    case 'file':
      return fileLayout(destination.path, await realFolder(dirname(destination.path)), hashes);
  }
}

/** Names of models become names of folders here. */
function refuseOddName(model: string): void {
  const { kind } = parseModelId(model.includes('/') ? model : `namespace/${model}`);
  if (kind === 'modelId') return;
  throw new Failure(
    'protocol',
    l10n.t(
      '“{0}” is no name that the Hugging Face cache has a folder for. Download it into a folder instead.',
      model,
    ),
  );
}

/** A name that is no hash may mean another version tomorrow, and clients know no other hash there. */
function noCommit({ model, commit }: DownloadSource): Failure {
  return new Failure(
    'refused',
    l10n.t(
      'The Hugging Face cache keeps versions by the SHA-1 of a Git commit, and no such names “{1}” of “{0}”. Download it into a folder instead.',
      model,
      shortName(commit),
    ),
  );
}

async function refuseProblems(paths: readonly string[], root: string): Promise<void> {
  const naming = { platform: process.platform, ignoresCase: await ignoresCase(root) };
  const problems = pathProblems(paths, naming);
  for (const kind of ['refused', 'impossible', 'collision'] as const) {
    const found = problems.filter((problem) => problem.kind === kind);
    if (found.length > 0) throw refusal(kind, found);
  }
}

function refusal(kind: PathProblem['kind'], problems: readonly PathProblem[]): Failure {
  const paths = problems.map(({ path }) => path);
  const named = firstFew(
    problems.map((problem) =>
      problem.kind === 'collision'
        ? l10n.t('“{0}” and “{1}”', problem.other, problem.path)
        : `“${problem.path}”`,
    ),
  );
  switch (kind) {
    case 'refused':
      return new Failure(
        'protocol',
        l10n.t(
          'This version names files that lead out of its folder, or into one that Git or a client keeps for itself: {0}. Nothing was downloaded. Do not trust this version.',
          named,
        ),
        { paths },
      );
    case 'impossible':
      return new Failure(
        'disk',
        l10n.t('This computer can hold no files of these names: {0}. Nothing was downloaded.', named),
        { paths },
      );
    case 'collision':
      return new Failure(
        'disk',
        l10n.t(
          'This version has files that cannot lie side by side in that folder, such as names that differ only in case: {0}. Nothing was downloaded.',
          named,
        ),
        { paths },
      );
  }
}
