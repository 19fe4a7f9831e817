import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import type { ToolWork } from './toolWork.ts';

/** A tool that language models call. Its input is checked anew: the schema of the manifest is a hint to them. */
type Tool = vscode.LanguageModelTool<unknown>;

/** The tools by their names in package.json. */
export type Tools = Readonly<
  Record<'modelRegistries_list' | 'modelRegistries_planPublish' | 'modelRegistries_publish', Tool>
>;

/** Registers the tools that language models call: two that read, and one that publishes once a person agreed. */
export function registerTools(services: Services): { readonly tools: Tools; dispose(): void } {
  let loading: Promise<ToolWork> | undefined;
  /** Loaded with the first call. */
  const work = (): Promise<ToolWork> => {
    loading ??= import('./toolWork.ts').then(({ ToolWork: Loaded }) => new Loaded(services));
    return loading;
  };
  const tools: Tools = {
    modelRegistries_list: {
      prepareInvocation: () => ({ invocationMessage: vscode.l10n.t('Listing model registries') }),
      invoke: ({ input }, token) =>
        answered(services, async (signal) => (await work()).list(input, signal), token),
    },
    modelRegistries_planPublish: {
      prepareInvocation: () => ({ invocationMessage: vscode.l10n.t('Planning what a publish would do') }),
      invoke: ({ input }, token) =>
        answered(services, async (signal) => (await work()).plan(input, signal), token),
    },
    modelRegistries_publish: {
      prepareInvocation: async ({ input }, token) =>
        guarded(services, async (signal) => (await work()).confirmation(input, signal), token),
      invoke: ({ input }, token) =>
        answered(services, async (signal) => (await work()).publish(input, signal), token),
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
