import * as l10n from '@vscode/l10n';
import { HUGGING_FACE_HUB } from '../endpoint.ts';
import { commandForAnyShell } from '../shells/anyShell.ts';
import { commandText } from '../shells/commandText.ts';
import { quotePython } from '../shells/quoting.ts';
import { type CommandLine, shell } from '../shells/shells.ts';
import {
  type HubSource,
  type InstructionChoice,
  type InstructionTarget,
  type Snippet,
  MODEL_PLACEHOLDER,
  TOKEN_VARIABLE,
  downloadWords,
  nameNotes,
  option,
  publishInPython,
  snippet,
  takenForOption,
  textOf,
  token,
  tokenNotes,
  versionName,
  writeCommand,
} from './snippets.ts';

/**
 * How `target` is published. A model of another Hub is brought to this machine first, and published from there, as
 * https://buildkite.com/docs/package-registries/ecosystems/hugging-face tells it; Python does both in one program, and
 * `model-registries` streams it from the one to the other.
 */
export function publishSteps(target: InstructionTarget, choice: InstructionChoice): readonly Snippet[] {
  const { source } = target;
  if (source === undefined) return [snippet('publish', target, choice)];
  const whole = { ...target, model: target.model ?? nameInRegistry(source) };
  switch (choice.client) {
    case 'curl':
      return [snippet('publish', target, choice)];
    case 'python':
      return [inOneProgram(whole, source, choice)];
    case 'model-registries':
      return [importStep(whole, source, choice)];
    case 'hf':
    case 'huggingface-cli': {
      const localFolder = target.localFolder ?? source.model.split('/').at(-1);
      return [
        cacheStep(source, localFolder, choice),
        {
          ...snippet('publish', { ...whole, localFolder }, choice),
          title: l10n.t('Step 2: Publish the model to the registry'),
        },
      ];
    }
  }
}

/** What a model of the Hub is called in a registry by itself; undefined where it has no namespace, as old ones there. */
export function nameInRegistry({ model }: HubSource): string | undefined {
  return model.includes('/') ? model : undefined;
}

/** The registry's token is not for the Hub, whose own is taken from a variable that no command here sets. */
function importStep(target: InstructionTarget, source: HubSource, choice: InstructionChoice): Snippet {
  const problem = takenForOption(source.model) ?? takenForOption(target.model);
  return {
    id: 'publish',
    title: l10n.t('Publish the model from the Hub'),
    language: 'shell',
    copyLabel: l10n.t('Copy import command'),
    copied: l10n.t('Import command copied'),
    ...(problem === undefined
      ? textOf(
          writeCommand({ environment: token(), words: importWords(target, source) }, choice),
          importNotes(target, source, choice),
        )
      : { text: undefined, explanation: [problem] }),
  };
}

/** `model-registries import`, without its variables. */
function importWords(
  { endpoint, model = MODEL_PLACEHOLDER, branch, message }: InstructionTarget,
  source: HubSource,
): CommandLine['words'] {
  return [
    'model-registries',
    'import',
    versionName(source.model, source.revision),
    ...(source.endpoint === HUGGING_FACE_HUB ? [] : option('--from', source.endpoint)),
    ...option('--hub', endpoint),
    ...(model === source.model ? [] : option('--model', model)),
    ...option('--revision', branch),
    ...(message === undefined ? [] : [`--message=${message}`]),
  ];
}

function importNotes(
  target: InstructionTarget,
  source: HubSource,
  choice: InstructionChoice,
): readonly string[] {
  const { host } = new URL(source.endpoint);
  const login = ['model-registries', 'login'];
  return [
    ...nameNotes(target),
    l10n.t(
      'It streams the files of {0} from {1} into the registry, and writes none to this machine. What the registry has already is not sent; run again, it goes on with what is missing.',
      source.model,
      host,
    ),
    ...(target.localFolder === undefined ? [] : [l10n.t('The folder {0} is not used.', target.localFolder)]),
    l10n.t(
      '{0} never gets HF_TOKEN. For a gated or private model accept its terms on its page, and put a token of {0} into the variable MODEL_REGISTRIES_SOURCE_TOKEN, or keep it once with “{1}”.',
      host,
      commandForAnyShell([...login, '--hub', source.endpoint]) ?? login.join(' '),
    ),
    ...tokenNotes('publish', choice),
  ];
}

/**
 * The download. Whatever the terminal holds for the registry is replaced, so that neither its address is asked for the
 * model nor its token shown to the Hub; without a token, the client takes what its own login left.
 */
function cacheStep(
  source: HubSource,
  installFolder: string | undefined,
  { client, shell: shellId }: InstructionChoice,
): Snippet {
  const program = client === 'huggingface-cli' ? client : 'hf';
  const command: CommandLine = {
    environment: [
      [TOKEN_VARIABLE, ''],
      ['HF_ENDPOINT', source.endpoint],
    ],
    words: downloadWords({ model: source.model, revision: source.revision, installFolder }, program),
  };
  const host = new URL(source.endpoint).host;
  const problem = takenForOption(source.model);
  return {
    id: 'publish.cache',
    title: l10n.t('Step 1: Download the model from the Hub'),
    language: 'shell',
    copyLabel: l10n.t('Copy download command'),
    copied: l10n.t('Download command copied'),
    ...(problem !== undefined
      ? { text: undefined, explanation: [problem] }
      : textOf(shell(shellId).write(command), [
          l10n.t(
            'HF_TOKEN is empty, so that no token of the registry goes to {0}. For a gated or private model accept its terms on its page, and put a token of {0} there, or log in once with “{1}”.',
            host,
            program === 'hf' ? 'hf auth login' : 'huggingface-cli login',
          ),
          l10n.t(
            'It downloads into a folder, where the model can be worked on. Leave --local-dir out to download into the cache that transformers and other libraries read; the folder to publish is then the one that is told at the end.',
          ),
        ])),
  };
}

/** Into the cache, where no folder is named. */
function inOneProgram(target: InstructionTarget, source: HubSource, choice: InstructionChoice): Snippet {
  const host = new URL(source.endpoint).host;
  const { localFolder } = target;
  const lines = [
    'folder = snapshot_download(',
    `    ${quotePython(source.model)},`,
    ...(source.revision === undefined ? [] : [`    revision=${quotePython(source.revision)},`]),
    ...(localFolder === undefined ? [] : [`    local_dir=${quotePython(localFolder)},`]),
    `    endpoint=${quotePython(source.endpoint)},`,
    `    token=getpass(${quotePython(`Token of ${host}, empty for a public model: `)}) or False,`,
    ')',
    '',
  ];
  return {
    ...snippet('publish', target, choice),
    title: l10n.t('Download the model from the Hub, and publish it'),
    ...textOf(commandText(publishInPython(target, 'folder', { imports: ['snapshot_download'], lines }), []), [
      localFolder === undefined
        ? l10n.t(
            'It downloads into the cache that transformers and other libraries read, and publishes from there.',
          )
        : l10n.t('It downloads into the folder {0}, and publishes it from there.', localFolder),
      l10n.t(
        'It asks for a token of {0} first, which only gated and private models need. The registry’s token never goes there.',
        host,
      ),
    ]),
  };
}
