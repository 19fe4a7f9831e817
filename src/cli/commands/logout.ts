import * as l10n from '@vscode/l10n';
import type { CliCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exitCodes.ts';
import { KeychainUnavailable, systemKeychain } from '../keychain.ts';
import { addExamples, hubOption } from '../options.ts';

/** Removes the access token of a hub from the keychain. */
export const logout: CliCommand = {
  name: 'logout',
  declare(command, decide) {
    command
      .description(l10n.t('Removes the access token of a hub from the keychain.'))
      .addOption(hubOption())
      .action(({ hub }: { readonly hub: URL }) => decide((context) => removeToken(hub, context)));
    addExamples(command, ['logout --hub https://packages.buildkite.com/acme/models/huggingface']);
  },
};

async function removeToken(hub: URL, { process, signal, terminal }: Context): Promise<ExitCode> {
  try {
    const removed = await systemKeychain(process.platform, process.env, signal).remove(hub);
    terminal.result(
      removed
        ? l10n.t('The access token for {0} was removed from the keychain.', hub.href)
        : l10n.t('The keychain holds no access token for {0}.', hub.href),
    );
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof KeychainUnavailable)) throw error;
    terminal.tell(error.message);
    return EXIT.failed;
  }
}
