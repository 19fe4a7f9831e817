import * as l10n from '@vscode/l10n';
import type { CliCommand } from '../command.ts';
import { addExamples, hubOption, modelVersionAt, verboseOption } from '../options.ts';

interface ShowOptions {
  readonly hub: URL;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/** Shows a version: its files, its card and its weights. What it does is in `browse/show.ts`. */
export const show: CliCommand = {
  name: 'show',
  declare(command, decide) {
    command
      .description(
        l10n.t('Shows a version of a model: size, metadata of its card, and what its weights are.'),
      )
      .argument(
        '<namespace/name[@revision]>',
        l10n.t('the model and its branch, tag or commit (default: main), or the address of its page'),
      )
      .addOption(hubOption())
      .option('--json', l10n.t('write one JSON object'))
      .addOption(verboseOption())
      .action((text: string, options: ShowOptions) => {
        const { hub, json = false, verbose = false } = options;
        const { model, revision } = modelVersionAt(hub, text);
        decide(async (context) => {
          const { carryOutShow } = await import('../browse/show.ts');
          return carryOutShow({ hub, model, revision, json, verbose }, context);
        });
      });
    addExamples(command, [
      'show acme/gpt2 --hub https://packages.buildkite.com/acme/models/huggingface',
      'show openai-community/gpt2 --hub https://huggingface.co --json',
    ]);
  },
};
