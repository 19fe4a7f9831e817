import * as l10n from '@vscode/l10n';
import type { Command } from 'commander';
import type { CliCommand } from '../command.ts';
import { addExamples, hubOption, modelId, refuseOtherIds } from '../options.ts';
import { addSendingOptions, sendingOf, type SendingOptions } from '../sendingOptions.ts';

interface PublishOptions extends SendingOptions {
  readonly hub: URL;
  readonly model: string;
  readonly revision: string;
}

/** Publishes a commit or a snapshot of the Hugging Face cache. What it does is in `publish/`. */
export const publish: CliCommand = {
  name: 'publish',
  declare(command, decide) {
    declareOptions(command).action((folder: string, options: PublishOptions) => {
      const { hub, model, revision } = options;
      refuseOtherIds(model, hub, '--model');
      decide(async (context) => {
        const { carryOutPublish } = await import('../publish/carryOut.ts');
        return carryOutPublish({ folder, hub, model, revision, ...sendingOf(options) }, context);
      });
    });
    addExamples(command, [
      'publish --hub https://packages.buildkite.com/acme/models/huggingface --model acme/gpt2',
      'publish ./gpt2 --hub https://packages.buildkite.com/acme/models/huggingface --model acme/gpt2 --dry-run',
    ]);
  },
};

function declareOptions(command: Command): Command {
  command
    .description(
      l10n.t('Publishes HEAD of the Git repository at FOLDER, or a snapshot of the Hugging Face cache.'),
    )
    .argument('[folder]', l10n.t('a repository, a folder in one, or a snapshot in the cache'), '.')
    .addOption(hubOption())
    .requiredOption('--model <namespace/name>', l10n.t('name of the model in the registry'), modelId)
    .option('--revision <name>', l10n.t('revision to publish to'), 'main')
    .option('--message <text>', l10n.t('message of the commit in the registry (default: that of HEAD)'));
  return addSendingOptions(command);
}
