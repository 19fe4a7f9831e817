import type * as vscode from 'vscode';
import type { CommitName } from '../core/objectIds.ts';
import { type Snippet, snippet } from '../core/instructions/snippets.ts';
import type { Services } from './services.ts';
import { installChoice } from './chosenCommand.ts';
import { endpointText } from './endpointText.ts';

/** What is installed: a version, or the newest where the commit is undefined. */
export interface Installed {
  readonly endpoint: URL;
  /** `namespace/name`. */
  readonly model: string;
  readonly commit: CommitName | undefined;
}

/** For the shell and client that the person looked at last, with a placeholder for the token. */
export function installCommand(memory: vscode.Memento, { endpoint, model, commit }: Installed): Snippet {
  const target = { endpoint: endpointText(endpoint), model, revision: commit };
  return snippet('install', target, installChoice(memory));
}

/** Copies the commands, one after the other, and gives whether there was any; says why where there is none for one. */
export async function copyInstallCommands(
  { prompts, globalMemory }: Pick<Services, 'prompts' | 'globalMemory'>,
  installed: readonly Installed[],
): Promise<boolean> {
  const commands = installed.map((one) => installCommand(globalMemory, one));
  const texts = new Set(commands.flatMap(({ text }) => text ?? []));
  if (texts.size > 0) await prompts.copy([...texts].join('\n'));
  const unwritten = commands.find(({ text }) => text === undefined);
  if (unwritten) {
    await prompts.notify({
      id: 'installCommand.unwritten',
      severity: 'warning',
      message: unwritten.explanation.join(' '),
    });
  }
  return texts.size > 0;
}
