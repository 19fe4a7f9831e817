import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { RemoteFile } from '../../core/hub/remoteFile.ts';
import type { ModelVersion } from '../../core/hosts/host.ts';
import type { WeightsSummary } from '../../core/weights/summary.ts';
import type { WeightSet } from '../../core/weights/weightSets.ts';
import type { Session } from '../accounts/sessions.ts';
import { FAILURE_ACTIONS } from '../failureNotice.ts';
import { relativeTime } from '../relativeTime.ts';
import { dateTime, joined, sizeText } from '../wording.ts';
import type { Listing } from '../versionFiles/fileContents.ts';
import type { FilesContent, PageHead, ShownState, SummaryContent } from './messages.ts';

/** Rows of files: beyond that many the view of registries is the better place. */
const MOST_FILES = 500;

export function titles(): PageHead['titles'] {
  return {
    weights: vscode.l10n.t('Weights'),
    readme: vscode.l10n.t('Model card'),
    files: vscode.l10n.t('Files'),
    versions: vscode.l10n.t('Versions'),
  };
}

export function texts(): PageHead['texts'] {
  return {
    chips: vscode.l10n.t('At a glance'),
    copy: vscode.l10n.t('Copy'),
    copyDigest: vscode.l10n.t('Copy the SHA-256 of {0}'),
    remoteImage: vscode.l10n.t('Image on {1}: {0}'),
    imageNotShown: vscode.l10n.t('This image cannot be shown here.'),
    file: vscode.l10n.t('File'),
    size: vscode.l10n.t('Size'),
    digest: vscode.l10n.t('SHA-256'),
    tensor: vscode.l10n.t('Tensor'),
    dtype: vscode.l10n.t('Type'),
    shape: vscode.l10n.t('Shape'),
    parameters: vscode.l10n.t('Parameters'),
    version: vscode.l10n.t('Version'),
    message: vscode.l10n.t('Message'),
    published: vscode.l10n.t('Published'),
    shownVersion: vscode.l10n.t('shown'),
    showVersion: vscode.l10n.t('Show version {0}'),
  };
}

export function loading(): ShownState<never> {
  return { status: 'loading', sentence: vscode.l10n.t('Loading…') };
}

/** What went wrong, and what the button beside it does. */
export function failed(error: unknown): ShownState<never> {
  const sentence =
    error instanceof Failure
      ? error.message
      : vscode.l10n.t('Something went wrong that should not have. The log has the details.');
  const retry = needsSignIn(error) ? vscode.l10n.t('Sign In Again') : vscode.l10n.t('Try Again');
  return { status: 'failed', sentence, retry };
}

/** @param session Of the page's account; its token is refused. */
export function signedOut(session: Session | undefined): NonNullable<PageHead['signedOut']> {
  return {
    sentence: session
      ? vscode.l10n.t(
          'The token of {0} no longer works. Sign in again to see all of this page.',
          session.label,
        )
      : vscode.l10n.t(
          'You are signed out of the account that this page was opened with. Sign in again to see all of this page.',
        ),
    signIn: vscode.l10n.t('Sign In Again'),
  };
}

/** Stands for a part that waits for {@link signedOut}. */
export function signInFirst(): ShownState<never> {
  return { status: 'none', sentence: vscode.l10n.t('Shown once you are signed in.') };
}

export function needsSignIn(error: unknown): boolean {
  return error instanceof Failure && FAILURE_ACTIONS[error.kind].includes('signIn');
}

export function publishedText({ createdAt }: ModelVersion, now: Date): string {
  if (!createdAt) return '';
  const { language } = vscode.env;
  const date = dateTime(createdAt, language);
  return `${date} (${relativeTime(createdAt, now, language)})`;
}

export function filesContent(listing: Listing): FilesContent {
  const files = [...listing.values()];
  const left = files.length - MOST_FILES;
  return {
    sentence: joined(vscode.l10n.t('Files: {0}', countText(files.length)), sizeOf(files)) ?? '',
    files: files.slice(0, MOST_FILES).map(({ path, size, sha256 }) => ({
      path,
      size: size === undefined ? '' : sizeText(size),
      lfs: sha256 !== undefined,
      sha256,
    })),
    left: left > 0 ? vscode.l10n.t('{0} more files are in the Registries view.', countText(left)) : undefined,
  };
}

export function formatName({ format }: Pick<WeightSet, 'format'>): string {
  return format === 'gguf' ? 'GGUF' : 'safetensors';
}

/** Format, number of files and size of a set of weights. */
export function weightsDetail(set: WeightSet): string {
  const { files } = set;
  return (
    joined(
      formatName(set),
      files.length > 1 ? vscode.l10n.t('{0} files', countText(files.length)) : undefined,
      sizeOf(files),
    ) ?? ''
  );
}

export function summaryContent(summary: WeightsSummary): SummaryContent {
  const { parameters, dtypes, tensorCount, tensors, architecture, quantization, contextLength } = summary;
  const left = tensorCount - tensors.length;
  const facts: readonly (readonly [string, string | undefined])[] = [
    [vscode.l10n.t('Parameters'), parametersText(parameters)],
    [vscode.l10n.t('Tensors'), countText(tensorCount)],
    [vscode.l10n.t('Architecture'), architecture],
    [vscode.l10n.t('Quantization'), quantization],
    [vscode.l10n.t('Context length'), contextLength === undefined ? undefined : countText(contextLength)],
  ];
  return {
    facts: facts.flatMap(([label, value]) => (value === undefined ? [] : [{ label, value }])),
    dtypes: dtypes.map((share) => ({
      dtype: share.dtype,
      parameters: countText(share.parameters),
      share: parameters > 0 ? share.parameters / parameters : 0,
    })),
    tensorsTitle: vscode.l10n.t('Tensors'),
    tensors: tensors.map(({ name, dtype, shape }) => ({
      name,
      dtype,
      shape: shape.length === 0 ? vscode.l10n.t('scalar') : shape.join(' × '),
    })),
    tensorsLeft: left > 0 ? vscode.l10n.t('{0} more tensors are not listed.', countText(left)) : undefined,
  };
}

/** "7.24B (7,241,732,096)". */
function parametersText(parameters: number): string {
  const [short, exact] = [shortParameters(parameters), countText(parameters)];
  return short === exact ? exact : `${short} (${exact})`;
}

/** "7.24B", as people speak of models; small numbers as they are. */
export function shortParameters(parameters: number): string {
  return parameters < 10_000
    ? countText(parameters)
    : new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 }).format(parameters);
}

/** Of all files; undefined where the size of one is not known. */
export function sizeOf(files: readonly RemoteFile[]): string | undefined {
  const size = files.reduce<number | undefined>(
    (sum, file) => (sum === undefined || file.size === undefined ? undefined : sum + file.size),
    0,
  );
  return size === undefined ? undefined : sizeText(size);
}

function countText(count: number): string {
  return count.toLocaleString(vscode.env.language);
}
