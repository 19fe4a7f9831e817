/** What a caller may state about a pipeline; the rest has defaults. */
export interface PipelineDetails {
  readonly name: string;
  readonly repository: string;
  readonly defaultBranch?: string;
  readonly branches?: string | null;
  readonly archived?: boolean;
}

/** Every state of a build that an answer may hold. A blocked build has `blocked`, and its last state. */
export const buildStates = [
  'creating',
  'scheduled',
  'waiting',
  'running',
  'failing',
  'passed',
  'failed',
  'waiting_failed',
  'canceling',
  'canceled',
  'skipped',
  'not_run',
] as const;
export type BuildState = (typeof buildStates)[number];
