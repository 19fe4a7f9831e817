import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { ModelVersion } from '../../core/hosts/host.ts';
import { isAbort } from '../commands.ts';
import { FAILURE_ACTIONS } from '../failureNotice.ts';
import type { Services } from '../services.ts';
import { sayInStatusBar } from '../statusBar.ts';
import { versionLabel } from '../wording.ts';
import { rowId, type ModelRow, type VersionRow } from '../rows.ts';

/** How many versions are named before "and N more". */
const NAMED_VERSIONS = 5;

/** Deletes versions one after another, once it was confirmed; says which remain where it does not come to its end. */
export async function deleteVersions(services: Services, rows: readonly VersionRow[]): Promise<void> {
  const { prompts } = services;
  const [only] = rows;
  if (!only) return;
  const confirmed = await prompts.confirm({
    id: 'deleteVersion.confirm',
    message:
      rows.length === 1
        ? vscode.l10n.t('Delete {0} from {1}?', nameOf(only.version), registryOf(only.version))
        : vscode.l10n.t('Delete {0} model versions?', rows.length),
    detail: [
      ...(rows.length === 1
        ? []
        : named(rows, ({ version }) => `${nameOf(version)} (${registryOf(version)})`)),
      vscode.l10n.t('Nobody can install what is deleted. This cannot be undone.'),
    ].join('\n'),
    action: vscode.l10n.t('Delete'),
    severity: 'warning',
  });
  if (!confirmed) return;

  for (let left = rows; left.length > 0;) {
    const { remaining, failure } = await deleteEach(services, left);
    if (remaining.length === 0) {
      sayInStatusBar(
        rows.length === 1
          ? vscode.l10n.t('Deleted {0}', nameOf(only.version))
          : vscode.l10n.t('Deleted {0} model versions', rows.length),
        5000,
      );
      return;
    }
    if (failure && rows.length === 1) throw failure;
    const canTryAgain = !failure || FAILURE_ACTIONS[failure.kind].includes('retry');
    const chosen = await prompts.notify({
      id: failure ? 'deleteVersion.failed' : 'deleteVersion.stopped',
      severity: failure ? 'error' : 'information',
      message: partialSentence(rows.length, remaining, failure),
      actions: [
        ...(canTryAgain ? [{ id: 'again', label: vscode.l10n.t('Delete the Rest') }] : []),
        { id: 'showLog', label: vscode.l10n.t('Show Log') },
      ],
    });
    if (chosen === 'showLog') await vscode.commands.executeCommand('modelRegistries.showLog');
    if (chosen !== 'again') return;
    left = remaining;
  }
}

interface Remainder {
  readonly remaining: readonly VersionRow[];
  /** Why it ended early; undefined where it did not, or was cancelled. */
  readonly failure: Failure | undefined;
}

async function deleteEach(services: Services, rows: readonly VersionRow[]): Promise<Remainder> {
  const { prompts, registriesView, log } = services;
  let done = 0;
  let tried = 0;
  const remainder = (failure?: Failure): Remainder => ({ remaining: rows.slice(done), failure });
  try {
    return await prompts.progress(
      { id: 'deleteVersion.delete', title: vscode.l10n.t('Deleting model versions'), cancellable: true },
      async (report, signal) => {
        for (const { session, version } of rows) {
          if (signal.aborted) return remainder();
          tried += 1;
          report({ message: vscode.l10n.t('{0} ({1} of {2})', nameOf(version), tried, rows.length) });
          try {
            await session.host.admin?.deleteVersion(version, signal);
          } catch (error) {
            if (isAbort(error)) return remainder();
            if (!(error instanceof Failure)) throw error;
            log.error(`version ${version.id} could not be deleted: ${error.message}`);
            return remainder(error);
          }
          done += 1;
          report({ increment: 100 / rows.length });
        }
        return remainder();
      },
    );
  } finally {
    // The last one tried may be gone, too, where its answer was lost.
    for (const { session, registry, model } of modelsOf(rows.slice(0, tried))) {
      registriesView.versionsChanged(session, registry, model);
    }
  }
}

/** The models of the versions, each once. */
function modelsOf(rows: readonly VersionRow[]): readonly Omit<ModelRow, 'kind'>[] {
  const models = rows.map(({ session, version: { registry, model } }) => ({ session, registry, model }));
  return [...new Map(models.map((one) => [rowId({ kind: 'model', ...one }), one])).values()];
}

function partialSentence(
  all: number,
  remaining: readonly VersionRow[],
  failure: Failure | undefined,
): string {
  const list = named(remaining, ({ version }) => nameOf(version)).join(', ');
  const deleted = all - remaining.length;
  return failure
    ? vscode.l10n.t(
        '{0} of {1} versions were deleted. {2} Still to delete: {3}',
        deleted,
        all,
        failure.message,
        list,
      )
    : vscode.l10n.t(
        'Stopped after {0} of {1} versions were deleted. Still to delete: {2}',
        deleted,
        all,
        list,
      );
}

/** `namespace/name 0123abc`. */
function nameOf({ model, commit, id }: ModelVersion): string {
  return `${model} ${versionLabel({ commit, id })}`;
}

function registryOf({ registry }: ModelVersion): string {
  return `${registry.organization}/${registry.slug}`;
}

function named<T>(items: readonly T[], nameIt: (item: T) => string): readonly string[] {
  const more = items.length - NAMED_VERSIONS;
  return [
    ...items.slice(0, NAMED_VERSIONS).map(nameIt),
    ...(more > 0 ? [vscode.l10n.t('and {0} more', more)] : []),
  ];
}
