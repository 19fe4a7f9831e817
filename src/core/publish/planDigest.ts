import { createHash } from 'node:crypto';
import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';
import type { SnapshotFile } from '../snapshot/snapshot.ts';
import { registryMessage } from './commitMessage.ts';
import type { PlanDigest, PublishPlan } from './publishing.ts';

/** What a {@link PlanDigest} looks like. The version changes with what it names. */
export const PLAN_DIGEST = /^plan-v1:[0-9a-f]{64}$/;

/** The parts of a plan that can change between two looks at it. */
export const PLAN_PARTS = ['files', 'commit', 'destination', 'message', 'head'] as const;
export type PlanPart = (typeof PLAN_PARTS)[number];
export type PlanParts = Readonly<Record<PlanPart, string>>;

/** What a plan is agreed to by. Snapshots of a registry have no modes: every file of it is a plain one. */
export function planParts(
  { snapshot, target: { hub, model }, parentCommit, startsFrom }: PublishPlan,
  message: string | undefined,
): PlanParts {
  const { summary, description } = registryMessage(snapshot, message);
  return {
    files: filesDigest(snapshot.files),
    commit: snapshot.commit,
    destination: JSON.stringify([hub.endpoint.href, model, hub.revision]),
    message: JSON.stringify([summary, description]),
    head: parentCommit ?? (startsFrom === undefined ? 'none' : `none, begun with ${startsFrom.commit}`),
  };
}

export function digestOf(parts: PlanParts): PlanDigest {
  const named = PLAN_PARTS.map((part) => [part, parts[part]]);
  return `plan-v1:${sha256(JSON.stringify(named))}` as PlanDigest;
}

/** @param message The registry's commit message; undefined: the subject of the snapshot's commit. */
export function planDigest(plan: PublishPlan, message: string | undefined): PlanDigest {
  return digestOf(planParts(plan, message));
}

/** Says that a plan is not the one that was agreed to. `parts` are those that differ; none where that is not known. */
export function otherPlan({ target: { model } }: PublishPlan, parts: readonly PlanPart[]): Failure {
  return new Failure(
    'conflict',
    parts.length === 0
      ? l10n.t(
          'The plan to publish “{0}” is not the one that was agreed to: its files, their commit, the message or the registry’s head changed since. Nothing was published. Plan the publish again.',
          model,
        )
      : l10n.t(
          'The plan to publish “{0}” is not the one that was agreed to. Changed since: {1}. Nothing was published. Plan the publish again.',
          model,
          parts.map((part) => partNames[part]()).join(', '),
        ),
  );
}

const partNames: Readonly<Record<PlanPart, () => string>> = {
  files: () => l10n.t('the files'),
  commit: () => l10n.t('the commit'),
  destination: () => l10n.t('the destination'),
  message: () => l10n.t('the commit message'),
  head: () => l10n.t('the registry’s head, as someone else published'),
};

/** Characters that are hashed at once. */
const BLOCK = 64 * 1024;

/**
 * Of a snapshot's files, which are sorted by path. Quoted, no path can look like the end of its line or as another one.
 */
function filesDigest(files: readonly SnapshotFile[]): string {
  const hash = createHash('sha256');
  let block = '';
  for (const file of files) {
    const content = file.kind === 'lfs' ? file.sha256 : '';
    block += `${JSON.stringify(file.path)} ${file.kind} ${file.size} ${file.gitSha1} ${content}\n`;
    if (block.length < BLOCK) continue;
    hash.update(block);
    block = '';
  }
  return hash.update(block).digest('hex');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
