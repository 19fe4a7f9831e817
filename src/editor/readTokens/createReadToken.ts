import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { NewReadToken, Registry } from '../../core/hosts/host.ts';
import type { Session } from '../accounts/sessions.ts';
import { notPermitted } from '../accounts/usableSessions.ts';
import type { Services } from '../services.ts';
import { registryName } from '../wording.ts';

/**
 * Asks what a new read token is for, has it created and puts it in the clipboard, which is the only place that it comes to. The box
 * stays open while the server refuses it. Gives what the token is called; undefined where the person left.
 */
export async function createReadToken(
  { prompts }: Pick<Services, 'prompts'>,
  session: Session,
  registry: Pick<Registry, 'organization' | 'slug' | 'name'>,
): Promise<string | undefined> {
  const { readTokens } = session.host;
  if (!readTokens || !session.may('changeReadTokens')) throw mayNotCreate(session);
  let created: NewReadToken | undefined;
  const accepted = await prompts.input({
    id: 'readTokens.description',
    title: vscode.l10n.t('Create a Read Token for {0}', registry.name),
    prompt: vscode.l10n.t(
      'Who or what is it for? The token can only read this registry, until it is revoked.',
    ),
    placeholder: vscode.l10n.t('Ada’s laptop'),
    accept: async (value, signal) => {
      const description = value.trim();
      if (description === '')
        return vscode.l10n.t('Say who or what it is for: that tells tokens apart in the list.');
      try {
        created = await readTokens.create(registry, description, signal);
        return undefined;
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        return error.message;
      }
    },
  });
  if (accepted === undefined || !created) return undefined;
  await prompts.copy(created.value.reveal());
  // Nobody has to answer it for the token to be there.
  void prompts.notify({
    id: 'readTokens.copied',
    severity: 'information',
    message: vscode.l10n.t(
      'The read token “{0}” of {1} is in the clipboard, and is not shown again. hf takes it from HF_TOKEN.',
      created.description,
      registryName(registry),
    ),
  });
  return created.description;
}

function mayNotCreate(session: Session): Failure {
  return notPermitted([session], ['changeReadTokens'], (accounts, scopes) =>
    vscode.l10n.t(
      'The access token of {0} may not create read tokens. That takes one with the scope {1}.',
      accounts,
      scopes,
    ),
  );
}
