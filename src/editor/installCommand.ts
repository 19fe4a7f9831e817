import type * as vscode from 'vscode';
import type { CommitName } from '../core/objectIds.ts';
import { type Snippet, snippet } from '../core/instructions/snippets.ts';
import type { ServerTraits } from '../core/instructions/clients.ts';
import { installChoice } from './chosenCommand.ts';
import { endpointText } from './endpointText.ts';

/** What is installed: a version, or the newest where the commit is undefined. */
export interface Installed {
  readonly endpoint: URL;
  /** Known where its service is. */
  readonly traits?: ServerTraits | undefined;
  /** `namespace/name`. */
  readonly model: string;
  readonly commit: CommitName | undefined;
}

/** For the shell and client that the person looked at last, with a placeholder for the token. */
export function installCommand(
  memory: vscode.Memento,
  { endpoint, traits, model, commit }: Installed,
): Snippet {
  const target = { endpoint: endpointText(endpoint), traits, model, revision: commit };
  return snippet('install', target, installChoice(memory));
}
