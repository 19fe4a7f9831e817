import * as l10n from '@vscode/l10n';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseEndpoint } from '../core/endpoint.ts';
import { parseReference } from '../core/imports/reference.ts';
import { type ModelIdSegments, parseModelId } from '../core/snapshot/modelId.ts';
import { WrongUse } from './exitCodes.ts';

/** A model in a hub, and which of its versions. */
interface ModelVersion {
  /** `namespace/name`, or `name` where the hub has no namespaces. */
  readonly model: string;
  /** A branch, a tag or a commit; undefined where none was given. */
  readonly revision: string | undefined;
}

/** `--hub URL`, mandatory: a {@link URL} that a token may go to. */
export function hubOption(): Option {
  return hubAddressOption().makeOptionMandatory();
}

/** The same where not everything needs a hub. */
export function hubAddressOption(): Option {
  return addressOption('--hub', l10n.t('address of the hub, as HF_ENDPOINT would hold it'));
}

/** An option whose value is the address of a hub: a {@link URL} that a token may go to. @param flag "--hub". */
export function addressOption(flag: string, description: string): Option {
  return new Option(`${flag} <url>`, description).argParser((text: string) => hubAddress(flag, text));
}

export function jsonOption(): Option {
  return new Option('--json', l10n.t('write one JSON event a line to standard output'));
}

/** `--concurrency N`. @param most The largest number. */
export function concurrencyOption(most: number): Option {
  return new Option(
    '--concurrency <n>',
    l10n.t('transfers at once, at most, from 1 to {0} (default: what the link takes)', most),
  ).argParser((text: string) => {
    const number = /^[1-9]\d{0,3}$/.test(text) ? Number(text) : Infinity;
    if (number <= most) return number;
    throw new InvalidArgumentError(l10n.t('It must be a whole number from 1 to {0}.', most));
  });
}

export function verboseOption(): Option {
  return new Option('--verbose', l10n.t('log to standard error'));
}

/** Parses `namespace/name`; {@link refuseOtherIds} is owed, once the hub is known. For commander. */
export function modelId(text: string): string {
  const parsed = parseModelId(text, 'any');
  if (parsed.kind === 'invalid') throw new InvalidArgumentError(parsed.problem);
  return parsed.id;
}

/**
 * The model of that hub, and which of its versions, that `text` names: `namespace/name[@REVISION]`, or the address of its
 * page. Throws `WrongUse` where it names none.
 */
export function modelVersionAt(hub: URL, text: string): ModelVersion {
  const named = parseReference(text, hub);
  if (named.kind === 'invalid') throw new WrongUse(`MODEL: ${named.problem}`);
  const { model, revision } = named;
  // Elsewhere there may be models with names that new ones may not have.
  if (segmentsOf(hub) !== 'any') refuseOtherIds(model, hub, 'MODEL');
  return { model, revision };
}

/**
 * Throws `WrongUse` where ids of models have other parts at that hub.
 *
 * @param where The argument or option that named the model, as it is written: "--model".
 */
export function refuseOtherIds(model: string, hub: URL, where: string): void {
  const named = parseModelId(model, segmentsOf(hub));
  if (named.kind === 'invalid') throw new WrongUse(`${where}: ${named.problem}`);
}

/** Arguments are seen by other programs and kept by shells. */
export function refuseTokens(command: Command): void {
  command.addOption(new Option('--token [value]').hideHelp()).on('option:token', () => {
    throw new WrongUse(
      l10n.t(
        'A token is not taken from an argument, where other programs and the shell’s history see it. Set HF_TOKEN, or run “model-registries login”.',
      ),
    );
  });
}

/** Lines to copy, below the help of a command. They are not translated. @param lines without the program's name. */
export function addExamples(command: Command, lines: readonly string[]): void {
  command.addHelpText('after', () =>
    ['', l10n.t('Examples:'), ...lines.map((line) => `  model-registries ${line}`)].join('\n'),
  );
}

/** Never repeats the address: it may hold a password. */
function hubAddress(flag: string, text: string): URL {
  const url = parseEndpoint(text);
  if (url !== undefined) return url;
  throw new WrongUse(
    /^\s*http:/i.test(text)
      ? l10n.t(
          'A token is not sent without encryption: {0} must begin with https, or be on this machine.',
          flag,
        )
      : l10n.t(
          '{0} must be an address such as https://packages.buildkite.com/organization/registry/huggingface, without a user name, query or fragment.',
          flag,
        ),
  );
}

/** Buildkite's addresses are of this form, and its models have a namespace; other hubs tell by themselves. */
function segmentsOf({ pathname }: URL): ModelIdSegments {
  return /^\/[^/]+\/[^/]+\/huggingface$/.test(pathname) ? 2 : 'any';
}
