import * as l10n from '@vscode/l10n';
import { isWeightsFile } from '../localModels/fileNames.ts';
import { namedPaths } from '../publish/warningTexts.ts';
import { sizeText } from '../sizeText.ts';
import { bytesOf, type CommitPlan, type SetupPlan } from './plans.ts';

/**
 * What a plan does, a sentence a step, in order.
 *
 * @param language of numbers, as in BCP 47.
 */
export function planSteps(plan: SetupPlan | CommitPlan, language = 'en'): readonly string[] {
  const size = (bytes: number): string => sizeText(bytes, language);
  const inLfs = plan.files.filter(({ store }) => store === 'lfs');
  const lfsStep =
    inLfs.length === 0
      ? []
      : [
          l10n.t(
            'Keep in Git LFS, with pointers in the commit ({0}): {1}.',
            ...[size(bytesOf(inLfs)), namedPaths(inLfs.map(({ path }) => path))],
          ),
        ];
  const commitStep = l10n.t(
    'Commit ({0}): {1}.',
    ...[size(bytesOf(plan.files)), namedPaths(plan.files.map(({ path }) => path))],
  );
  if (plan.kind === 'commit') return [...lfsStep, commitStep];
  return [
    ...(plan.repository === 'new' ? [l10n.t('Make a Git repository, with the branch main.')] : []),
    ...plan.writes.map((file) => writeStep(plan, file.path, size)),
    ...lfsStep,
    commitStep,
  ];
}

function writeStep(
  { writes, ignored, card }: SetupPlan,
  path: SetupPlan['writes'][number]['path'],
  size: (bytes: number) => string,
): string {
  const file = writes.find((each) => each.path === path);
  switch (path) {
    case '.gitignore': {
      const found = ignored.filter(({ files }) => files > 0);
      return found.length === 0
        ? l10n.t('Write .gitignore, for checkpoints and caches to come.')
        : l10n.t(
            'Write .gitignore, which leaves out ({0}): {1}.',
            ...[size(found.reduce((sum, { bytes }) => sum + bytes, 0)), lines(found)],
          );
    }
    case '.gitattributes':
      return l10n.t(
        'Write .gitattributes, by which Git LFS keeps {0}.',
        namedPaths((file?.added ?? []).map((line) => line.split(' ', 1)[0] ?? '')),
      );
    case 'README.md':
      return card?.license === undefined
        ? l10n.t('Write README.md, a model card; its license is left for you to fill in.')
        : l10n.t('Write README.md, a model card; its license is {0}.', card.license);
  }
}

function lines(ignored: SetupPlan['ignored']): string {
  return namedPaths(ignored.map(({ line }) => line));
}

/** What a person should know before a plan is carried out, a sentence each, the gravest first. */
export function planCautions(plan: SetupPlan | CommitPlan): readonly string[] {
  const { secrets, leftOut, unobserved } = plan;
  const named = (why: SetupPlan['leftOut'][number]['why']) =>
    leftOut.filter((each) => each.why === why).map(({ path }) => path);
  const [nested, links] = [named('nestedRepository'), named('link')];
  const hooks = unobserved.flatMap((each) => (each.kind === 'hook' ? [each.name] : []));
  return [
    ...(secrets.length > 0
      ? [
          l10n.t(
            'Looks like a secret: {0}. What is committed once stays in the repository’s history.',
            namedPaths(secrets),
          ),
        ]
      : []),
    ...(holdsCheckpointsOnly(plan)
      ? [
          l10n.t(
            'No weights would be committed: they are in checkpoints only. To publish one of these, set up its own folder.',
          ),
        ]
      : []),
    ...(nested.length > 0
      ? [l10n.t('Left out, because they are repositories of their own: {0}.', namedPaths(nested))]
      : []),
    ...(links.length > 0
      ? [l10n.t('Left out, because these links lead to nothing that is committed: {0}.', namedPaths(links))]
      : []),
    ...(plan.kind === 'setUp' && plan.lacksLfs
      ? [
          l10n.t(
            'Git LFS is not installed. The large files are kept as it keeps them, but before you change one of them, or push to Git, install it from https://git-lfs.com and run “git lfs install”.',
          ),
        ]
      : []),
    ...(hooks.length > 0 ? [l10n.t('Git’s hooks are not run: {0}.', hooks.join(', '))] : []),
    ...(unobserved.some(({ kind }) => kind === 'signature') ? [l10n.t('The commit is not signed.')] : []),
  ];
}

function holdsCheckpointsOnly(plan: SetupPlan | CommitPlan): boolean {
  if (plan.kind !== 'setUp' || plan.files.some(({ path }) => isWeightsFile(path))) return false;
  return plan.ignored.some(({ line, files }) => files > 0 && /^(?:checkpoint|global_step)/.test(line));
}
