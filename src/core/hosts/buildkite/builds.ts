import type { BuildState } from '../pipelines.ts';
import type { BuildAnswer } from './answers.ts';

/**
 * What Buildkite's words say a build is doing. A blocked build is told by `blocked`, and its `state` is the last one it had
 * (https://buildkite.com/docs/apis/rest-api/builds#build-data-model); where a person cancelled it, `blocked` may still be set.
 */
export function buildState({
  state,
  blocked = false,
  finished_at: finishedAt,
}: Pick<BuildAnswer, 'state' | 'blocked' | 'finished_at'>): BuildState {
  switch (state) {
    case 'canceled':
    case 'skipped':
      return { kind: 'ended', result: state };
    case 'not_run':
      return { kind: 'ended', result: 'notRun' };
    case 'canceling':
      return { kind: 'canceling' };
    case 'blocked':
      return { kind: 'blocked', last: undefined };
    case 'passed':
    case 'failed':
      return blocked ? { kind: 'blocked', last: state } : { kind: 'ended', result: state };
  }
  if (blocked) return { kind: 'blocked', last: undefined };
  switch (state) {
    case 'creating':
    case 'scheduled':
    case 'waiting':
      return { kind: 'scheduled' };
    case 'running':
      return { kind: 'running', failing: false };
    case 'failing':
      return { kind: 'running', failing: true };
    // Documented without a word about whether it lasts.
    case 'waiting_failed':
      return finishedAt === undefined
        ? { kind: 'running', failing: true }
        : { kind: 'ended', result: 'failed' };
    default:
      return { kind: 'other', word: state, over: finishedAt !== undefined };
  }
}
