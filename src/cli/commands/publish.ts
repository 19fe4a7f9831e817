import * as l10n from '@vscode/l10n';
import { type Command, InvalidArgumentError } from 'commander';
import { MOST_TRANSFERS } from '../../core/publish/mostTransfers.ts';
import type { CliCommand } from '../command.ts';
import { addExamples, hubOption, jsonOption, modelId, refuseOtherIds, verboseOption } from '../options.ts';

interface PublishOptions {
  readonly hub: URL;
  readonly model: string;
  readonly revision: string;
  readonly message?: string;
  readonly dryRun?: boolean;
  readonly allowSecrets?: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly concurrency?: number;
}

/** Publishes a commit or a snapshot of the Hugging Face cache. What it does is in `publish/`. */
export const publish: CliCommand = {
  name: 'publish',
  declare(command, decide) {
    declareOptions(command).action((folder: string, options: PublishOptions) => {
      const { message, concurrency, ...rest } = options;
      refuseOtherIds(options.model, options.hub, '--model');
      const { dryRun = false, allowSecrets = false, json = false, verbose = false } = options;
      const flags = { dryRun, allowSecrets, json, verbose };
      decide(async (context) => {
        const { carryOutPublish } = await import('../publish/carryOut.ts');
        return carryOutPublish({ folder, ...rest, message, concurrency, ...flags }, context);
      });
    });
    addExamples(command, [
      'publish --hub https://packages.buildkite.com/acme/models/huggingface --model acme/gpt2',
      'publish ./gpt2 --hub https://packages.buildkite.com/acme/models/huggingface --model acme/gpt2 --dry-run',
    ]);
  },
};

function declareOptions(command: Command): Command {
  return command
    .description(
      l10n.t('Publishes HEAD of the Git repository at FOLDER, or a snapshot of the Hugging Face cache.'),
    )
    .argument('[folder]', l10n.t('a repository, a folder in one, or a snapshot in the cache'), '.')
    .addOption(hubOption())
    .requiredOption('--model <namespace/name>', l10n.t('name of the model in the registry'), modelId)
    .option('--revision <name>', l10n.t('revision to publish to'), 'main')
    .option('--message <text>', l10n.t('message of the commit in the registry (default: that of HEAD)'))
    .option('--dry-run', l10n.t('tell what would be published, and send nothing'))
    .option('--allow-secrets', l10n.t('publish files that look like they hold secrets, too'))
    .addOption(jsonOption())
    .option(
      '--concurrency <n>',
      l10n.t('transfers at once, at most, from 1 to {0} (default: what the link takes)', MOST_TRANSFERS),
      count,
    )
    .addOption(verboseOption());
}

function count(text: string): number {
  const number = /^[1-9]\d{0,3}$/.test(text) ? Number(text) : Infinity;
  if (number > MOST_TRANSFERS) {
    throw new InvalidArgumentError(l10n.t('It must be a whole number from 1 to {0}.', MOST_TRANSFERS));
  }
  return number;
}
