import * as vscode from 'vscode';
import type { Failure } from '../../core/failure.ts';
import type { Build } from '../../core/hosts/pipelines.ts';
import type { Prompts } from '../prompts.ts';
import type { Services } from '../services.ts';
import type { FollowedBuild } from './followedBuild.ts';
import { buildName, restSentence, stateWords } from './texts.ts';

/** Shows what the build does until `over` resolves. Gives whether the person cancelled before. */
export async function showProgress(
  prompts: Prompts,
  one: FollowedBuild,
  over: Promise<unknown>,
): Promise<boolean> {
  const label = vscode.l10n.t('Open in Browser');
  return prompts.progress(
    { id: 'build.progress', title: one.title, cancellable: true },
    async (report, signal) => {
      one.reportTo((message) => report({ message, link: { label, url: one.build.webUrl } }));
      const cancelled = new Promise<true>((resolve) => {
        signal.addEventListener('abort', () => resolve(true), { once: true });
        if (signal.aborted) resolve(true);
      });
      return Promise.race([cancelled, over.then(() => false as const)]);
    },
  );
}

/** Whether Cancel of the notification is meant for the build. */
export function agreesToCancel(prompts: Prompts, build: Build): Promise<boolean> {
  return prompts.confirm({
    id: 'build.cancel',
    message: vscode.l10n.t('Cancel {0}?', buildName(build)),
    detail: vscode.l10n.t(
      'It stops for everybody who waits for it. If it keeps running, the status bar and Publishes show what it does.',
    ),
    action: vscode.l10n.t('Cancel Build'),
    dismissal: vscode.l10n.t('Keep Running'),
    severity: 'warning',
  });
}

export async function tellNotCancelled(prompts: Prompts, build: Build, { message }: Failure): Promise<void> {
  await prompts.notify({
    id: 'build.notCanceled',
    severity: 'error',
    message: vscode.l10n.t('{0} was not cancelled. {1}', capitalized(buildName(build)), message),
  });
}

/** Says how the build came to rest, and offers what comes next. Gives whether it is to be watched on. */
export async function tellRest(
  { prompts, registriesView }: Pick<Services, 'prompts' | 'registriesView'>,
  { build, place, model }: FollowedBuild,
): Promise<boolean> {
  const { state } = build;
  const published = state.kind === 'ended' && state.result === 'passed';
  const failed = state.kind === 'ended' && state.result === 'failed';
  const chosen = await prompts.notify({
    id: `build.${state.kind === 'ended' ? state.result : state.kind}`,
    severity: published ? 'information' : failed ? 'error' : 'warning',
    message: restSentence(build, model),
    actions: [
      ...(published ? [{ id: 'show', label: vscode.l10n.t('Show in Registries') }] : []),
      { id: 'openInBrowser', label: vscode.l10n.t('Open in Browser') },
      ...(state.kind === 'blocked' ? [{ id: 'watchOn', label: vscode.l10n.t('Keep Watching') }] : []),
    ],
  });
  if (chosen === 'show') await registriesView.revealModel(place.session, place.registry, model);
  if (chosen === 'openInBrowser') await prompts.openExternal(build.webUrl);
  return chosen === 'watchOn';
}

/** Says that nobody knows how the build ends. Gives whether it is to be watched on. */
export async function tellLost(prompts: Prompts, build: Build, failure: Failure): Promise<boolean> {
  const chosen = await prompts.notify({
    id: 'build.lost',
    severity: 'error',
    message: vscode.l10n.t(
      'This window cannot watch {0} any more. The build goes on. {1}',
      buildName(build),
      failure.message,
    ),
    actions: [
      { id: 'openInBrowser', label: vscode.l10n.t('Open in Browser') },
      { id: 'watchOn', label: vscode.l10n.t('Keep Watching') },
      ...(failure.kind === 'auth' ? [{ id: 'signIn', label: vscode.l10n.t('Sign In Again') }] : []),
    ],
  });
  if (chosen === 'openInBrowser') await prompts.openExternal(build.webUrl);
  if (chosen === 'signIn') await vscode.commands.executeCommand('modelRegistries.signIn');
  return chosen === 'signIn' || chosen === 'watchOn';
}

/** The only one without asking; undefined where there is none, or none is picked. */
export async function pickBuild(
  prompts: Prompts,
  all: readonly FollowedBuild[],
): Promise<FollowedBuild | undefined> {
  if (all.length <= 1) return all[0];
  return prompts.pick<FollowedBuild>({
    id: 'build.pick',
    title: vscode.l10n.t('Builds That Publish'),
    choices: all.map((one) => ({
      label: one.model,
      description: capitalized(buildName(one.build)),
      detail: stateWords(one.build.state),
      icon: 'rocket',
      value: one,
    })),
  });
}

export function pickAction(prompts: Prompts, build: Build): Promise<'open' | 'cancel' | 'leave' | undefined> {
  return prompts.pick<'open' | 'cancel' | 'leave'>({
    id: 'build.actions',
    title: capitalized(buildName(build)),
    placeholder: stateWords(build.state),
    choices: [
      { label: vscode.l10n.t('Open in Browser'), icon: 'link-external', value: 'open' },
      { label: vscode.l10n.t('Cancel Build'), icon: 'debug-stop', value: 'cancel' },
      {
        label: vscode.l10n.t('Stop Watching'),
        description: vscode.l10n.t('The build goes on'),
        icon: 'eye-closed',
        value: 'leave',
      },
    ],
  });
}

function capitalized(text: string): string {
  return text.charAt(0).toLocaleUpperCase(vscode.env.language) + text.slice(1);
}
