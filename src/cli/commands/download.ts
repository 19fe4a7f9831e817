import * as l10n from '@vscode/l10n';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { CliCommand } from '../command.ts';
import { MOST_CONNECTIONS } from '../../core/download/mostConnections.ts';
import { WrongUse } from '../exitCodes.ts';
import {
  addExamples,
  concurrencyOption,
  hubOption,
  jsonOption,
  modelVersionAt,
  verboseOption,
} from '../options.ts';

interface DownloadOptions {
  readonly hub: URL;
  readonly to?: string;
  readonly cache?: boolean;
  readonly include?: readonly string[];
  readonly replace?: boolean;
  readonly concurrency?: number;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/** Downloads a version into a folder, or into the Hugging Face cache. What it does is in `download/`. */
export const download: CliCommand = {
  name: 'download',
  declare(command, decide) {
    declareOptions(command).action((text: string, options: DownloadOptions) => {
      const { hub, to, cache = false, include = [], concurrency } = options;
      const { model, revision } = modelVersionAt(hub, text);
      if (to !== undefined && cache) {
        throw new WrongUse(l10n.t('Give either --to or --cache: a version goes to one of them.'));
      }
      const { replace = false, dryRun = false, json = false, verbose = false } = options;
      const flags = { replace, dryRun, json, verbose };
      decide(async (context) => {
        const { carryOutDownload } = await import('../download/carryOut.ts');
        return carryOutDownload(
          { hub, model, revision, folder: to, include, concurrency, ...flags },
          context,
        );
      });
    });
    addExamples(command, [
      'download acme/gpt2 --hub https://packages.buildkite.com/acme/models/huggingface',
      'download acme/gpt2@v1.2 --hub https://packages.buildkite.com/acme/models/huggingface --to ./gpt2',
      'download acme/gpt2 --hub https://packages.buildkite.com/acme/models/huggingface --include "*.safetensors" --include "*.json"',
    ]);
  },
};

function declareOptions(command: Command): Command {
  return command
    .description(
      l10n.t(
        'Downloads a version of a model, resumes where an earlier download stopped, and checks every file’s hash.',
      ),
    )
    .argument(
      '<namespace/name[@revision]>',
      l10n.t('the model and its branch, tag or commit (default: main), or the address of its page'),
    )
    .addOption(hubOption())
    .option('--to <folder>', l10n.t('folder that gets the files, as hf download --local-dir leaves it'))
    .option('--cache', l10n.t('put them into the Hugging Face cache, where libraries find them (default)'))
    .option('--include <glob>', l10n.t('only files whose paths match; may be given several times'), oneMore)
    .option('--replace', l10n.t('replace what is there and differs; else nothing is downloaded then'))
    .option('--dry-run', l10n.t('tell what would be downloaded, and write nothing'))
    .addOption(concurrencyOption(MOST_CONNECTIONS))
    .addOption(jsonOption())
    .addOption(verboseOption());
}

function oneMore(pattern: string, before: readonly string[] = []): readonly string[] {
  if (pattern.trim() === '') throw new InvalidArgumentError(l10n.t('A pattern is text such as “*.json”.'));
  return [...before, pattern];
}
