import * as l10n from '@vscode/l10n';
import type { Command } from 'commander';
import { HUGGING_FACE_HUB } from '../../core/endpoint.ts';
import { patternProblem } from '../../core/snapshot/files/pathPatterns.ts';
import type { CliCommand } from '../command.ts';
import { WrongUse } from '../exitCodes.ts';
import {
  addExamples,
  addressOption,
  hubOption,
  modelId,
  modelVersionAt,
  refuseOtherIds,
} from '../options.ts';
import { addSendingOptions, sendingOf, type SendingOptions } from '../sendingOptions.ts';

interface ImportOptions extends SendingOptions {
  readonly from?: URL;
  readonly hub: URL;
  readonly model?: string;
  readonly include: readonly string[];
  readonly revision: string;
}

/** Publishes a model of another hub, streamed from there. What it does is in `import/`. */
export const importModel: CliCommand = {
  name: 'import',
  declare(command, decide) {
    declareOptions(command).action((text: string, options: ImportOptions) => {
      const { hub, from = new URL(HUGGING_FACE_HUB), include, revision } = options;
      const asked = modelVersionAt(from, text);
      const problem = include.map(patternProblem).find((each) => each !== undefined);
      if (problem !== undefined) throw new WrongUse(`--include: ${problem}`);
      const model = options.model ?? asked.model;
      refuseOtherIds(model, hub, '--model');
      decide(async (context) => {
        const { carryOutImport } = await import('../import/carryOut.ts');
        const source = { from, sourceModel: asked.model, sourceRevision: asked.revision, include };
        return carryOutImport({ hub, model, revision, ...source, ...sendingOf(options) }, context);
      });
    });
    addExamples(command, [
      'import openai-community/gpt2 --hub https://packages.buildkite.com/acme/models/huggingface',
      'import bartowski/Llama-3.2-1B-GGUF@main --include "*Q4_K_M*" --include "*.md" --hub https://packages.buildkite.com/acme/models/huggingface --model acme/llama',
      'import acme/gpt2 --from https://packages.buildkite.com/acme/dev/huggingface --hub https://packages.buildkite.com/acme/prod/huggingface',
    ]);
  },
};

function declareOptions(command: Command): Command {
  command
    .description(
      l10n.t(
        'Publishes a model of another hub: its files are streamed from there, and nothing is written to this machine. Run again, it sends only what is missing.',
      ),
    )
    .argument(
      '<namespace/name[@revision]>',
      l10n.t('the model and its branch, tag or commit (default: main), or the address of its page'),
    )
    .addOption(
      addressOption(
        '--from',
        l10n.t('address of the hub that it comes from (default: {0})', HUGGING_FACE_HUB),
      ),
    )
    .addOption(hubOption())
    .option(
      '--model <namespace/name>',
      l10n.t('name of the model in the registry (default: the one that it has)'),
      modelId,
    )
    .option(
      '--include <glob>',
      l10n.t('only files whose paths match; may be given several times'),
      (pattern: string, before: readonly string[]) => [...before, pattern],
      [],
    )
    .option('--revision <name>', l10n.t('revision to publish to'), 'main')
    .option('--message <text>', l10n.t('message of the commit in the registry (default: that of the commit)'))
    .addHelpText('after', () =>
      [
        '',
        l10n.t(
          'The token for the hub that it comes from is the one that “model-registries login” keeps for it, else that of MODEL_REGISTRIES_SOURCE_TOKEN. Without either it is asked without a token.',
        ),
      ].join('\n'),
    );
  return addSendingOptions(command);
}
