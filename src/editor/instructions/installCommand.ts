import type * as vscode from 'vscode';
import { type Snippet, snippet } from '../../core/instructions/snippets.ts';
import type { Services } from '../services.ts';
import { installChoice } from './chosenCommand.ts';
import { instructionTarget, type PanelSubject } from './panelState.ts';

/** What is installed: a version, or the newest where the commit is undefined. */
export type Installed = Pick<PanelSubject, 'endpoint' | 'commit'> & { readonly model: string };

/** For the shell and client that the person looked at last, with a placeholder for the token. */
export function installCommand(memory: vscode.Memento, installed: Installed): Snippet {
  return snippet('install', instructionTarget(installed), installChoice(memory));
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
