import * as l10n from '@vscode/l10n';
import { type Command, InvalidArgumentError } from 'commander';
import type { ListRequest } from '../browse/list.ts';
import { apiOption } from '../buildkiteRegistry.ts';
import type { CliCommand } from '../command.ts';
import { addExamples, hubOption, modelVersionAt, refuseTokens, verboseOption } from '../options.ts';

interface ListOptions {
  readonly hub: URL;
  readonly api?: URL;
  readonly limit: number;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

const HUB = '--hub https://packages.buildkite.com/acme/models/huggingface';

/** Lists registries, models, versions and files. What it does is in `browse/list.ts`. */
export const list: CliCommand = {
  name: 'list',
  declare(command, decide) {
    command.description(l10n.t('Lists registries, models, versions or files.'));
    const begin = (options: ListOptions, what: ListRequest['what']): void => {
      const { hub, api, limit, json = false, verbose = false } = options;
      decide(async (context) => {
        const { carryOutList } = await import('../browse/list.ts');
        return carryOutList({ hub, api, limit, json, verbose, what }, context);
      });
    };
    const declare = (name: string, description: string): Command => {
      const subcommand = command.command(name).description(description);
      refuseTokens(subcommand);
      return subcommand
        .addOption(hubOption())
        .addOption(apiOption())
        .option('--limit <n>', l10n.t('how many, at most'), limit, 100)
        .option('--json', l10n.t('write one JSON object a line'))
        .addOption(verboseOption());
    };

    declare('registries', l10n.t('Lists the registries, or namespaces, that the token may see.')).action(
      (options: ListOptions) => begin(options, { kind: 'registries' }),
    );
    declare('models', l10n.t('Lists the models of a registry or a namespace.'))
      .argument('[namespace]', l10n.t('whose models, at a hub with namespaces that is no registry'))
      .option('--name <text>', l10n.t('only models whose names hold that text'))
      .action((namespace: string | undefined, options: ListOptions & { readonly name?: string }) =>
        begin(options, { kind: 'models', namespace, name: options.name }),
      );
    declare('versions', l10n.t('Lists the versions of a model, the newest first.'))
      .argument('<namespace/name[@branch]>', l10n.t('the model, or the address of its page'))
      .action((text: string, options: ListOptions) =>
        begin(options, { kind: 'versions', ...modelVersionAt(options.hub, text) }),
      );
    declare('files', l10n.t('Lists the files of a version.'))
      .argument(
        '<namespace/name[@revision]>',
        l10n.t('the model and its branch, tag or commit (default: main), or the address of its page'),
      )
      .action((text: string, options: ListOptions) =>
        begin(options, { kind: 'files', ...modelVersionAt(options.hub, text) }),
      );
    addExamples(command, [
      'list registries --hub https://packages.buildkite.com/acme',
      `list models ${HUB}`,
      'list models openai-community --hub https://huggingface.co',
      `list versions acme/gpt2 ${HUB}`,
      `list files acme/gpt2@main ${HUB} --json`,
    ]);
  },
};

function limit(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError(l10n.t('It must be a whole number from 1 on.'));
}
