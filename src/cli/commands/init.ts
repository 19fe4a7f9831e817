import * as l10n from '@vscode/l10n';
import type { CliCommand } from '../command.ts';
import { addExamples, jsonOption, verboseOption } from '../options.ts';

interface InitOptions {
  readonly message: string;
  readonly leaveOut?: readonly string[];
  readonly allowSecrets?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/** Makes a repository of a model's folder. What it does is in `setup/`. */
export const init: CliCommand = {
  name: 'init',
  declare(command, decide) {
    command
      .description(
        l10n.t(
          'Makes a Git repository of a model’s folder: large files in Git LFS (installed or not), checkpoints and caches left out, a model card, and a first commit. Shows what it will do, and asks.',
        ),
      )
      .argument('[folder]', l10n.t('a folder that is in no repository, or in one without a commit'), '.')
      .option('--message <text>', l10n.t('message of the commit'), 'Add the model')
      .option(
        '--leave-out <path>',
        l10n.t('a file or folder to ignore; may be given several times'),
        collected,
      )
      .option('--allow-secrets', l10n.t('commit files that look like they hold secrets, too'))
      .option('--dry-run', l10n.t('tell what would be done, and do nothing'))
      .option('--yes', l10n.t('do not ask'))
      .addOption(jsonOption())
      .addOption(verboseOption())
      .action((folder: string, options: InitOptions) => {
        const { message, leaveOut = [], allowSecrets = false, dryRun = false, yes = false } = options;
        const { json = false, verbose = false } = options;
        decide(async (context) => {
          const { carryOutInit } = await import('../setup/carryOut.ts');
          const flags = { allowSecrets, dryRun, yes, json, verbose };
          return carryOutInit({ folder, message, leaveOut, ...flags }, context);
        });
      });
    addExamples(command, [
      'init ./gpt2 --dry-run',
      'init ./gpt2 --yes --message "GPT-2, fine-tuned on news"',
    ]);
  },
};

function collected(path: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, path];
}
