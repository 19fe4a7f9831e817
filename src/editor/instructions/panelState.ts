import * as vscode from 'vscode';
import { CLIENT_IDS, client } from '../../core/instructions/clients.ts';
import { SHELL_IDS, shell } from '../../core/instructions/shells.ts';
import {
  type ActionId,
  type InstructionChoice,
  type InstructionTarget,
  commonNotes,
  snippets,
} from '../../core/instructions/snippets.ts';
import type { GitObjectId } from '../../core/objectIds.ts';
import type { Registry } from '../../core/registryHost.ts';
import type { PanelState } from './messages.ts';

/** What one panel is about. */
export interface PanelSubject {
  readonly registry: Registry;
  readonly endpoint: URL;
  /** `namespace/name`. */
  readonly model: string | undefined;
  readonly commit: GitObjectId | undefined;
}

/** Two subjects with the same key share a panel. */
export function subjectKey({ endpoint, model, commit }: PanelSubject): string {
  return JSON.stringify([endpoint.href, model, commit]);
}

export function instructionTarget({ endpoint, model, commit }: PanelSubject): InstructionTarget {
  return { endpoint: endpoint.href.replace(/\/$/, ''), model, commit };
}

/** All that the panel shows of `subject` for that client and shell. */
export function panelState(subject: PanelSubject, choice: InstructionChoice): PanelState {
  const target = instructionTarget(subject);
  return {
    heading: subject.model ?? subject.registry.name,
    facts: [
      {
        label: vscode.l10n.t('Registry'),
        value: `${subject.registry.organization}/${subject.registry.slug}`,
      },
      { label: vscode.l10n.t('Address'), value: target.endpoint },
      ...(subject.commit === undefined
        ? []
        : [{ label: vscode.l10n.t('Version'), value: subject.commit as string }]),
    ],
    client: {
      label: vscode.l10n.t('Client'),
      chosen: choice.client,
      options: CLIENT_IDS.map((id) => ({ id, label: client(id).label })),
    },
    shell: {
      label: vscode.l10n.t('Shell'),
      chosen: choice.shell,
      options: SHELL_IDS.map((id) => ({ id, label: shell(id).label })),
    },
    notes: commonNotes(choice),
    snippets: snippets(target, choice).map(({ id, action, title, command, explanation, copyLabel }) => ({
      id,
      title,
      command,
      explanation,
      copy: {
        text: vscode.l10n.t('Copy'),
        label: copyLabel,
        done: copiedSentence(action),
      },
    })),
  };
}

function copiedSentence(action: ActionId): string {
  switch (action) {
    case 'publish':
      return vscode.l10n.t('Publish command copied');
    case 'install':
      return vscode.l10n.t('Install command copied');
  }
}
