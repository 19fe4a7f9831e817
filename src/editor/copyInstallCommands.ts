import type * as vscode from 'vscode';
import type { Installed } from './installCommand.ts';
import type { Services } from './services.ts';

/** Copies the commands, one after the other, and gives whether there was any; says why where there is none for one. */
export async function copyInstallCommands(
  { prompts, globalMemory }: Pick<Services, 'prompts'> & { readonly globalMemory: vscode.Memento },
  installed: readonly Installed[],
): Promise<boolean> {
  // The commands of every client and shell are a lot of text.
  const { installCommand } = await import('./installCommand.ts');
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
