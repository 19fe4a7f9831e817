import * as l10n from '@vscode/l10n';
import { Argument } from 'commander';
import type { CliCommand } from '../command.ts';
import { type CompletedShell, SHELLS } from '../completion/shells.ts';
import { EXIT } from '../exitCodes.ts';
import { addExamples } from '../options.ts';

/** Writes a script for a shell. It is made from the commands as they were declared. */
export const completion: CliCommand = {
  name: 'completion',
  declare(command, decide) {
    command
      .description(l10n.t('Writes a script that has a shell complete commands and options.'))
      .addArgument(new Argument('<shell>', l10n.t('the shell')).choices(SHELLS))
      .action((shell: CompletedShell) =>
        decide(async ({ process }) => {
          const [{ completedCommands }, { completionScript }] = await Promise.all([
            import('../completion/words.ts'),
            import('../completion/scripts.ts'),
          ]);
          const program = command.parent ?? command;
          process.stdout.write(completionScript(shell, completedCommands(program)));
          return EXIT.done;
        }),
      );
    addExamples(command, [
      'completion bash > ~/.local/share/bash-completion/completions/model-registries',
      'completion zsh > "${fpath[1]}/_model-registries"',
      'completion fish > ~/.config/fish/completions/model-registries.fish',
    ]);
  },
};
