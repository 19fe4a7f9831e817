import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { CLIENT_IDS, transfers } from '../core/instructions/clients.ts';
import { SHELL_IDS, shellOf } from '../core/shells/shells.ts';
import type { InstructionChoice } from '../core/instructions/snippets.ts';
import type { WatchedMemory } from './watchedMemory.ts';

const KEY = 'instructions.choice';
const stored = z.object({ client: z.enum(CLIENT_IDS), shell: z.enum(SHELL_IDS) });

type CommandChoice = Pick<InstructionChoice, 'client' | 'shell'>;

/** The client and shell of the commands that are shown: the person's last choice, else `hf` in the terminal's shell. */
export function chosenCommand(memory: vscode.Memento): CommandChoice {
  const { data } = stored.safeParse(memory.get(KEY));
  return data ?? { client: 'hf', shell: shellOf(vscode.env.shell, process.platform) };
}

/** The same for a command that installs, for any terminal: `hf` in place of a client that installs nothing. */
export function installChoice(memory: vscode.Memento): InstructionChoice {
  const { client, shell } = chosenCommand(memory);
  return { client: transfers(client) ? client : 'hf', shell, variables: 'inCommand' };
}

export async function rememberCommand(memory: vscode.Memento, choice: CommandChoice): Promise<void> {
  await memory.update(KEY, choice);
}

/** Tells whoever shows commands that they are for another client or shell from now on. */
export function onDidChooseCommand(memory: WatchedMemory, listener: () => void): vscode.Disposable {
  return memory.onDidUpdate((key) => {
    if (key === KEY) listener();
  });
}
