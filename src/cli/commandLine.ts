import * as l10n from '@vscode/l10n';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { parseEndpoint } from '../core/endpoint.ts';
import { MOST_TRANSFERS } from '../core/publish/transferBudget.ts';
import { type ModelIdSegments, parseModelId } from '../core/snapshot/modelId.ts';
import { WrongUse } from './exitCodes.ts';

export interface PublishRequest {
  readonly kind: 'publish';
  /** As it was given: absolute, or relative to the working directory. */
  readonly folder: string;
  readonly hub: URL;
  /** `namespace/name`, or `name` where the hub has no namespaces. */
  readonly model: string;
  readonly revision: string;
  readonly message: string | undefined;
  readonly dryRun: boolean;
  readonly allowSecrets: boolean;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly concurrency: number | undefined;
}

export interface LoginRequest {
  readonly kind: 'login';
  readonly hub: URL;
  readonly verbose: boolean;
}

export interface LogoutRequest {
  readonly kind: 'logout';
  readonly hub: URL;
}

/** `shown`: help or the version was asked for, and was written. */
export type Request = PublishRequest | LoginRequest | LogoutRequest | { readonly kind: 'shown' };

/** Where commander writes. */
interface Writers {
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
}

/**
 * What the arguments ask for.
 *
 * @param args without the program and the script.
 * @throws WrongUse where they ask for nothing that can be done. What is wrong was then written already, if `message` is
 *   empty.
 */
export function parseCommandLine(args: readonly string[], version: string, writers: Writers): Request {
  let request: Request = { kind: 'shown' };
  const program = new Command('model-registries')
    .description(
      l10n.t('Publishes models to registries that speak the Hugging Face Hub protocol, such as Buildkite’s.'),
    )
    .version(version, '-V, --version')
    .exitOverride()
    .configureOutput(writers)
    .showHelpAfterError(l10n.t('(add --help to see what can be given)'))
    .addHelpText('after', () => `\n${notes()}`);

  subcommand(program, 'publish')
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
    .option('--json', l10n.t('write one JSON event a line to standard output'))
    .option(
      '--concurrency <n>',
      l10n.t('transfers at once, at most, from 1 to {0} (default: what the link takes)', MOST_TRANSFERS),
      count,
    )
    .option('--verbose', l10n.t('log to standard error'))
    .action((folder: string, options: PublishOptions) => {
      const { message, concurrency, ...rest } = options;
      const named = parseModelId(options.model, segmentsOf(options.hub));
      if (named.kind === 'invalid') throw new WrongUse(l10n.t('--model: {0}', named.problem));
      const { dryRun = false, allowSecrets = false, json = false, verbose = false } = options;
      const flags = { dryRun, allowSecrets, json, verbose };
      request = { kind: 'publish', folder, ...rest, message, concurrency, ...flags };
    });

  subcommand(program, 'login')
    .description(
      l10n.t('Asks for an access token, or reads it from standard input, and keeps it in the keychain.'),
    )
    .addOption(hubOption())
    .option('--verbose', l10n.t('log to standard error'))
    .action(({ hub, verbose = false }: LoginOptions) => {
      request = { kind: 'login', hub, verbose };
    });

  subcommand(program, 'logout')
    .description(l10n.t('Removes the access token of a hub from the keychain.'))
    .addOption(hubOption())
    .action(({ hub }: Pick<LoginOptions, 'hub'>) => {
      request = { kind: 'logout', hub };
    });

  refuseTokens(program);

  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw new WrongUse('', { cause: error });
  }
  return request;
}

interface LoginOptions {
  readonly hub: URL;
  readonly verbose?: boolean;
}

interface PublishOptions extends LoginOptions {
  readonly model: string;
  readonly revision: string;
  readonly message?: string;
  readonly dryRun?: boolean;
  readonly allowSecrets?: boolean;
  readonly json?: boolean;
  readonly concurrency?: number;
}

function subcommand(program: Command, name: string): Command {
  const command = program.command(name);
  refuseTokens(command);
  return command;
}

/** Arguments are seen by other programs and kept by shells. */
function refuseTokens(command: Command): void {
  command.addOption(new Option('--token [value]').hideHelp()).on('option:token', () => {
    throw new WrongUse(
      l10n.t(
        'A token is not taken from an argument, where other programs and the shell’s history see it. Set HF_TOKEN, or run “model-registries login”.',
      ),
    );
  });
}

function hubOption(): Option {
  return new Option('--hub <url>', l10n.t('address of the hub, as HF_ENDPOINT would hold it'))
    .makeOptionMandatory()
    .argParser(hubAddress);
}

/** Never repeats the address: it may hold a password. */
function hubAddress(text: string): URL {
  const url = parseEndpoint(text);
  if (url !== undefined) return url;
  throw new WrongUse(
    /^\s*http:/i.test(text)
      ? l10n.t('A token is not sent without encryption: --hub must begin with https, or be on this machine.')
      : l10n.t(
          '--hub must be an address such as https://packages.buildkite.com/organization/registry/huggingface, without a user name, query or fragment.',
        ),
  );
}

function modelId(text: string): string {
  const parsed = parseModelId(text, 'any');
  if (parsed.kind === 'invalid') throw new InvalidArgumentError(parsed.problem);
  return parsed.id;
}

/** Buildkite's addresses are of this form, and its models have a namespace; other hubs tell by themselves. */
function segmentsOf({ pathname }: URL): ModelIdSegments {
  return /^\/[^/]+\/[^/]+\/huggingface$/.test(pathname) ? 2 : 'any';
}

function count(text: string): number {
  const number = /^[1-9]\d{0,3}$/.test(text) ? Number(text) : Infinity;
  if (number > MOST_TRANSFERS) {
    throw new InvalidArgumentError(l10n.t('It must be a whole number from 1 to {0}.', MOST_TRANSFERS));
  }
  return number;
}

function notes(): string {
  return [
    l10n.t(
      'The access token is the one that “model-registries login” keeps for the hub, else that of HF_TOKEN.',
    ),
    l10n.t('It goes to no other address than the hub’s, and there only by https or on this machine.'),
    '',
    l10n.t('Exit codes: 0 published or already there, 1 failed, 2 wrong use, 130 cancelled.'),
    '',
    l10n.t('Connections are made directly: HTTP_PROXY and HTTPS_PROXY are not obeyed.'),
    l10n.t('Certificates of your own are trusted with NODE_EXTRA_CA_CERTS=/path/to/ca.pem.'),
  ].join('\n');
}
