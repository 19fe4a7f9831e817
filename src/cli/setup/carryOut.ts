import { resolve } from 'node:path';
import * as l10n from '@vscode/l10n';
import { carryOut } from '../../core/setup/carryOut.ts';
import type { Made } from '../../core/setup/making.ts';
import { planCautions, planSteps } from '../../core/setup/planTexts.ts';
import { planSetup } from '../../core/setup/planSetup.ts';
import type { SetupPlan } from '../../core/setup/plans.ts';
import { type Context, logFor } from '../context.ts';
import { EXIT, type ExitCode, WrongUse } from '../exitCodes.ts';
import { reported } from '../failures.ts';
import { answerTo } from '../prompting.ts';
import { rememberedHashes } from '../rememberedHashes.ts';
import { filesText } from '../texts.ts';
import { authorOf, plannedFileLine, refuseSecretsIn } from './agreement.ts';
import { plannedFileEvents, setupEvents, type SetupEvent } from './events.ts';

interface InitRequest {
  /** As it was given: absolute, or relative to the working directory. */
  readonly folder: string;
  readonly message: string;
  /** From the folder. */
  readonly leaveOut: readonly string[];
  readonly allowSecrets: boolean;
  readonly dryRun: boolean;
  /** Agreed to beforehand. */
  readonly yes: boolean;
  readonly json: boolean;
  readonly verbose: boolean;
}

/** Makes a repository of a folder, and tells how it went and ended. */
export async function carryOutInit(request: InitRequest, context: Context): Promise<ExitCode> {
  const { terminal, process, signal } = context;
  const write = (event: SetupEvent): void => terminal.json(event);
  const isAsked = !request.yes && !request.dryRun;
  if (isAsked && (request.json || !process.stdin.isTTY)) {
    throw new WrongUse(
      l10n.t('There is nobody to ask: add --yes to do it, or --dry-run to see what it would do.'),
    );
  }
  try {
    const log = logFor(context, request.verbose);
    const plan = await planSetup(resolve(request.folder), {
      signal,
      log,
      leaveOut: request.leaveOut.map((path) => path.replace(/^\.\/|\/$/g, '')),
    });
    showPlan(plan, request, context);
    if (request.dryRun) return EXIT.done;
    if (!request.allowSecrets) refuseSecretsIn(plan);
    const author = authorOf(plan);
    if (isAsked && !(await isAgreed(plan, context))) return EXIT.cancelled;
    const hashes = rememberedHashes(process, log);
    const made = await carryOut(plan, { author, message: request.message, signal, log, hashes });
    if (made === undefined) throw new Error('A first commit is never empty.');
    const message = madeSentence(plan, made);
    if (request.json) write({ kind: 'committed', message, ...made });
    else terminal.result(message);
    return EXIT.done;
  } catch (error) {
    if (signal.aborted) {
      const message = l10n.t('Cancelled. The folder is as it was.');
      if (request.json) write({ kind: 'cancelled', message });
      else terminal.tell(message);
      return EXIT.cancelled;
    }
    const failure = reported(error, undefined);
    if (request.json) write({ kind: 'failed', ...failure });
    else terminal.tell(failure.message);
    return EXIT.failed;
  }
}

/** A dry run is asked for what it lists, and that is its result; else the list comes before the question. */
function showPlan(plan: SetupPlan, { json, dryRun }: InitRequest, { terminal }: Context): void {
  const cautions = planCautions(plan);
  if (json) {
    for (const event of setupEvents(plan, cautions)) terminal.json(event);
    return;
  }
  for (const caution of cautions) terminal.tell(l10n.t('Warning: {0}', caution));
  for (const event of plannedFileEvents(plan)) {
    if (dryRun) terminal.result(plannedFileLine(event));
    else terminal.tell(plannedFileLine(event));
  }
  for (const step of planSteps(plan)) {
    if (dryRun) terminal.result(step);
    else terminal.tell(step);
  }
}

async function isAgreed({ top }: SetupPlan, { process, signal }: Context): Promise<boolean> {
  const { confirm } = await import('@clack/prompts');
  const answer = await answerTo(process.stdin, signal, (either) =>
    confirm({
      message: l10n.t('Do this in {0}?', top.replace(/\p{C}+/gu, ' ')),
      input: process.stdin,
      output: process.stderr,
      signal: either,
    }),
  );
  return answer === true;
}

function madeSentence({ top }: SetupPlan, { commit, files }: Made): string {
  return l10n.t(
    '{0} is a repository now, with {1} in its first commit, {2}.',
    top,
    filesText(files),
    commit.slice(0, 7),
  );
}
