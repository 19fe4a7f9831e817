import * as vscode from 'vscode';
import * as z from 'zod';
import { Failure } from '../../core/failure.ts';
import type { Services } from '../services.ts';
import { describedPlans } from './describedPlans.ts';
import { listInput, planInput, publishInput } from './inputs.ts';
import { listRegistries } from './list.ts';
import { carryOutPublish, confirmationOf, describePlan, withPlan } from './publish.ts';

/** A tool that language models call. Its input is checked anew: the schema of the manifest is a hint to them. */
type Tool = vscode.LanguageModelTool<unknown>;

/** The tools by their names in package.json. */
export type Tools = Readonly<
  Record<'modelRegistries_list' | 'modelRegistries_planPublish' | 'modelRegistries_publish', Tool>
>;

/** Registers the tools that language models call: two that read, and one that publishes once a person agreed. */
export function registerTools(services: Services): { readonly tools: Tools; dispose(): void } {
  const described = describedPlans();
  const tools: Tools = {
    modelRegistries_list: {
      prepareInvocation: () => ({ invocationMessage: vscode.l10n.t('Listing model registries') }),
      invoke: ({ input }, token) =>
        answered(
          services,
          async (signal) => listRegistries(services, checked(listInput, input), signal),
          token,
        ),
    },
    modelRegistries_planPublish: {
      prepareInvocation: () => ({ invocationMessage: vscode.l10n.t('Planning what a publish would do') }),
      invoke: ({ input }, token) =>
        answered(
          services,
          async (signal) =>
            withPlan(services, checked(planInput, input), signal, (planned) =>
              describePlan(planned, described),
            ),
          token,
        ),
    },
    modelRegistries_publish: {
      prepareInvocation: async ({ input }, token) =>
        guarded(
          services,
          async (signal) => confirmationOf(services, checked(publishInput, input), described, signal),
          token,
        ),
      invoke: ({ input }, token) =>
        answered(
          services,
          async (signal) => carryOutPublish(services, checked(publishInput, input), described, signal),
          token,
        ),
    },
  };
  const registered = Object.entries(tools).map(([name, tool]) => vscode.lm.registerTool(name, tool));
  return {
    tools,
    dispose: () => {
      for (const one of registered) one.dispose();
    },
  };
}

function checked<T>(schema: z.ZodType<T>, input: unknown): T {
  const { data, error } = schema.safeParse(input);
  if (error === undefined) return data;
  throw new Failure('refused', vscode.l10n.t('The input makes no sense: {0}', z.prettifyError(error)));
}

/** What `work` gives, as the text that a language model reads. */
async function answered(
  services: Services,
  work: (signal: AbortSignal) => Promise<unknown>,
  token: vscode.CancellationToken,
): Promise<vscode.LanguageModelToolResult> {
  const answer = await guarded(services, work, token);
  return new vscode.LanguageModelToolResult([
    new vscode.LanguageModelTextPart(JSON.stringify(answer, undefined, 2)),
  ]);
}

/** Does `work` until the token is cancelled. Its failures are logged and thrown as sentences. */
async function guarded<T>(
  { log }: Pick<Services, 'log'>,
  work: (signal: AbortSignal) => Promise<T>,
  token: vscode.CancellationToken,
): Promise<T> {
  const controller = new AbortController();
  const subscription = token.onCancellationRequested(() => controller.abort());
  if (token.isCancellationRequested) controller.abort();
  try {
    return await work(controller.signal);
  } catch (error) {
    if (controller.signal.aborted) throw new vscode.CancellationError();
    log.warn(`tool: ${String(error)}`);
    throw error;
  } finally {
    subscription.dispose();
  }
}
