import * as l10n from '@vscode/l10n';
import type { Command } from 'commander';
import { apiBeside, apiOption, registryAt } from '../buildkiteRegistry.ts';
import type { CliCommand, Work } from '../command.ts';
import { WrongUse } from '../exitCodes.ts';
import { addExamples, hubOption, refuseTokens, verboseOption } from '../options.ts';
import type { TokensAsk, TokensPlace } from '../tokens/manageTokens.ts';

interface TokensOptions {
  readonly hub: URL;
  readonly api?: URL;
  readonly verbose?: boolean;
}

const EXAMPLE_HUB = '--hub https://packages.buildkite.com/acme/models/huggingface';

/** Read tokens of a registry: lists, creates and revokes them. What it does is in `tokens/`. */
export const tokens: CliCommand = {
  name: 'tokens',
  declare(command, decide) {
    command.description(
      l10n.t('Read tokens of a registry of Buildkite, which read that registry and do nothing else.'),
    );
    const declare = (name: string, description: string): Command => {
      const subcommand = command.command(name).description(description);
      refuseTokens(subcommand);
      return subcommand.addOption(hubOption()).addOption(apiOption()).addOption(verboseOption());
    };

    declare('list', l10n.t('Lists the read tokens, without their values.'))
      .option('--json', l10n.t('write one JSON object a line for each token'))
      .action(({ json = false, ...options }: TokensOptions & { readonly json?: boolean }) =>
        decide(workOf(options, { kind: 'list', json })),
      );
    const create = declare(
      'create',
      l10n.t('Creates a read token, and writes it to standard output: it is shown this once.'),
    )
      .argument('<description>', l10n.t('who or what it is for'))
      .action((text: string, options: TokensOptions) => {
        const description = text.trim();
        if (description === '') throw new WrongUse(l10n.t('Say who or what the read token is for.'));
        decide(workOf(options, { kind: 'create', description }));
      });
    declare('revoke', l10n.t('Revokes a read token: whoever uses it reads nothing from then on.'))
      .argument('<id>', l10n.t('as “tokens list” shows it'))
      .action((id: string, options: TokensOptions) => decide(workOf(options, { kind: 'revoke', id })));

    addExamples(command, [
      `tokens list ${EXAMPLE_HUB}`,
      `tokens create "build machine" ${EXAMPLE_HUB}`,
      `tokens revoke 0191b6a2-aa51-70d0-8a5f-aabce115b0fd ${EXAMPLE_HUB}`,
    ]);
    addExamples(create, [
      `tokens create "build machine" ${EXAMPLE_HUB} | ssh build-machine "cat > hf-token"`,
    ]);
  },
};

function workOf({ hub, api, verbose = false }: TokensOptions, ask: TokensAsk): Work {
  const place = placeOf(hub, api);
  return async (context) => {
    const { manageTokens } = await import('../tokens/manageTokens.ts');
    return manageTokens(ask, place, verbose, context);
  };
}

/** Which registry it is, and where it is managed: neither is asked of anybody, for the token goes there. */
function placeOf(hub: URL, api: URL | undefined): TokensPlace {
  const registry = registryAt(hub);
  if (registry === undefined) {
    throw new WrongUse(
      l10n.t(
        'Only registries of Buildkite have read tokens: --hub must end like https://packages.buildkite.com/organization/registry/huggingface.',
      ),
    );
  }
  const apiUrl = api ?? apiBeside(hub);
  if (apiUrl === undefined) {
    throw new WrongUse(
      l10n.t(
        'The REST API that manages {0} is not known. Name it with --api, such as https://api.buildkite.com/v2.',
        hub.host,
      ),
    );
  }
  return { hub, apiUrl, registry };
}
