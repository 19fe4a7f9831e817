import * as vscode from 'vscode';
import { isAuthorText } from '../../core/setup/committer.ts';
import type { Author } from '../../core/setup/plans.ts';
import type { Services } from '../services.ts';

/** Who commits: as Git knows it, else as the person answers; undefined where they leave it. */
export async function askAuthor(
  { prompts }: Pick<Services, 'prompts'>,
  known: Author | undefined,
): Promise<Author | undefined> {
  if (known !== undefined) return known;
  const title = vscode.l10n.t('Who Commits');
  const check = (text: string): string | undefined =>
    isAuthorText(text) ? undefined : vscode.l10n.t('Type letters or digits, without “<” and “>”.');
  const name = await prompts.input({
    id: 'setup.name',
    title,
    prompt: vscode.l10n.t('Git does not know your name yet. It goes into the commit.'),
    step: 1,
    totalSteps: 2,
    check,
  });
  if (name === undefined) return undefined;
  const email = await prompts.input({
    id: 'setup.email',
    title,
    prompt: vscode.l10n.t('Your email address, which goes into the commit, too'),
    step: 2,
    totalSteps: 2,
    check,
  });
  return email === undefined ? undefined : { name: name.trim(), email: email.trim() };
}
