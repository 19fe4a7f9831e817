import * as l10n from '@vscode/l10n';
import { commandText } from '../shells/commandText.ts';
import { quotePython } from '../shells/quoting.ts';
import { type CommandLine, shell } from '../shells/shells.ts';
import {
  type HubSource,
  type InstructionChoice,
  type InstructionTarget,
  type Snippet,
  TOKEN_VARIABLE,
  downloadWords,
  publishInPython,
  snippet,
  textOf,
} from './snippets.ts';

/**
 * How `target` is published. A model of another Hub is brought to this machine first, and published from there, as
 * https://buildkite.com/docs/package-registries/ecosystems/hugging-face tells it; Python does both in one program.
 */
export function publishSteps(target: InstructionTarget, choice: InstructionChoice): readonly Snippet[] {
  const { source } = target;
  if (source === undefined || choice.client === 'curl') return [snippet('publish', target, choice)];
  const whole = { ...target, model: target.model ?? source.model };
  if (choice.client === 'python') return [inOneProgram(whole, source, choice)];
  const localFolder = target.localFolder ?? source.model.split('/').at(-1);
  return [
    cacheStep(source, localFolder, choice),
    {
      ...snippet('publish', { ...whole, localFolder }, choice),
      title: l10n.t('Step 2: Publish the model to the registry'),
    },
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
  return {
    id: 'publish.cache',
    title: l10n.t('Step 1: Cache the model of the Hub on this machine'),
    language: 'shell',
    copyLabel: l10n.t('Copy download command'),
    copied: l10n.t('Download command copied'),
    ...(source.model.startsWith('-')
      ? {
          text: undefined,
          explanation: [
            l10n.t(
              '“{0}” begins with a hyphen, so that a program would take it for an option.',
              source.model,
            ),
          ],
        }
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
function inOneProgram(
  target: InstructionTarget & { readonly model: string },
  source: HubSource,
  choice: InstructionChoice,
): Snippet {
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
    title: l10n.t('Cache the model of the Hub, and publish it'),
    ...textOf(commandText(publishInPython(target, 'folder', { imports: ['snapshot_download'], lines }), []), [
      localFolder === undefined
        ? l10n.t(
            'It downloads into the cache that transformers and other libraries read, and publishes from there.',
          )
        : l10n.t('It downloads into the folder {0}, and publishes it from there.', localFolder),
      l10n.t(
        'It asks for a token of {0} first, which only gated and private models need, and sends it the registry’s never.',
        host,
      ),
    ]),
  };
}
