import * as l10n from '@vscode/l10n';
import { CLIENT_IDS, type Client, type ClientId, client } from './clients.ts';
import { type CommandLine, SHELL_IDS, type ShellId, shell } from './shells.ts';

/** What commands are about. Values are taken literally, whatever characters they hold, except NUL. */
export interface InstructionTarget {
  /** What `HF_ENDPOINT` will hold. */
  readonly endpoint: string;
  /** `namespace/name`; a placeholder takes its place where it is undefined. */
  readonly model: string | undefined;
  /** The version to install; the newest where it is undefined. */
  readonly commit?: string;
  /** The folder to publish; the terminal's own where it is undefined. */
  readonly localFolder?: string;
  /** The commit message of a publish; the client's own where it is undefined. */
  readonly message?: string;
}

export const ACTION_IDS = ['publish', 'install'] as const;
export type ActionId = (typeof ACTION_IDS)[number];

/** Names one command of a target: what it does, with which client, in which shell. */
export type SnippetId = `${ActionId}.${ClientId}.${ShellId}`;

/**
 * A command to paste, and what a person should know before doing so, besides what {@link commonNotes} say. All but `command` is
 * localised.
 */
export interface Snippet {
  readonly id: SnippetId;
  readonly action: ActionId;
  readonly title: string;
  readonly explanation: readonly string[];
  /** Undefined where the shell cannot express one of the values; `explanation` says so. */
  readonly command: string | undefined;
  /** What the copy button is called, for those who hear it rather than see it. */
  readonly copyLabel: string;
}

/** Stands where the person puts a token. A real token stands in no command. */
export const TOKEN_PLACEHOLDER = '<your-token>';

const MODEL_PLACEHOLDER = '<namespace>/<model>';

export interface InstructionChoice {
  readonly client: ClientId;
  readonly shell: ShellId;
}

/** The commands that publish to and install from `target`. */
export function snippets(target: InstructionTarget, choice: InstructionChoice): readonly Snippet[] {
  return ACTION_IDS.map((action) => snippet(action, target, choice));
}

/** What a person should know of every command for that client. Localised sentences. */
export function commonNotes(choice: InstructionChoice): readonly string[] {
  return [
    ...client(choice.client).notes,
    l10n.t(
      'Where HF_TOKEN is set in the environment already, leave its assignment out: then the token does not stay in the history of the shell.',
    ),
  ];
}

/** One command of {@link snippets}. */
export function snippet(action: ActionId, target: InstructionTarget, choice: InstructionChoice): Snippet {
  const command = shell(choice.shell).write(ACTIONS[action].command(target, client(choice.client)));
  return {
    id: `${action}.${choice.client}.${choice.shell}`,
    action,
    title: ACTIONS[action].title(target),
    explanation: [
      ...(command === undefined
        ? [
            l10n.t(
              'Command Prompt cannot take a value with a line break in it. Choose another shell, such as PowerShell.',
            ),
          ]
        : []),
      ...(target.model === undefined
        ? [l10n.t('Replace {0} with the name of your model.', MODEL_PLACEHOLDER)]
        : []),
      ...ACTIONS[action].notes(target),
    ],
    command,
    copyLabel: ACTIONS[action].copyLabel(),
  };
}

/** The command of `target` that `id` names, or undefined where it names none. For ids that come from elsewhere. */
export function findSnippet(target: InstructionTarget, id: string): Snippet | undefined {
  const choices = CLIENT_IDS.flatMap((client) => SHELL_IDS.map((shell) => ({ client, shell })));
  return choices.flatMap((choice) => snippets(target, choice)).find((snippet) => snippet.id === id);
}

interface Action {
  readonly title: (target: InstructionTarget) => string;
  readonly copyLabel: () => string;
  readonly notes: (target: InstructionTarget) => readonly string[];
  readonly command: (target: InstructionTarget, client: Client) => CommandLine;
}

const ACTIONS: Readonly<Record<ActionId, Action>> = {
  publish: {
    title: () => l10n.t('Publish a new version'),
    copyLabel: () => l10n.t('Copy publish command'),
    notes: (target) => [
      target.localFolder === undefined
        ? l10n.t(
            "Run it in the model's folder: it uploads the files of that folder as they are on disk, committed or not.",
          )
        : l10n.t('It uploads the files of {0} as they are on disk, committed or not.', target.localFolder),
      l10n.t('Replace {0} with a token that may read and write packages.', TOKEN_PLACEHOLDER),
    ],
    command: (target, { id, environment }) => ({
      environment: [...access(target), ...environment],
      words: [
        id,
        'upload',
        target.model ?? MODEL_PLACEHOLDER,
        localPath(target.localFolder ?? '.'),
        ...(target.message === undefined ? [] : [`--commit-message=${target.message}`]),
      ],
    }),
  },
  install: {
    title: (target) =>
      target.commit === undefined ? l10n.t('Install the newest version') : l10n.t('Install this version'),
    copyLabel: () => l10n.t('Copy install command'),
    notes: (target) => [
      l10n.t(
        'It downloads into the folder {0} where you run it. Leave --local-dir out to download into the cache that transformers and other libraries read.',
        folderName(target.model),
      ),
      l10n.t('Replace {0} with a token that may read packages.', TOKEN_PLACEHOLDER),
    ],
    command: (target, { id, environment }) => ({
      environment: [...access(target), ...environment],
      words: [
        id,
        'download',
        target.model ?? MODEL_PLACEHOLDER,
        ...(target.commit === undefined ? [] : ['--revision', target.commit]),
        '--local-dir',
        localPath(folderName(target.model)),
      ],
    }),
  },
};

function access(target: InstructionTarget): CommandLine['environment'] {
  return [
    ['HF_TOKEN', TOKEN_PLACEHOLDER],
    ['HF_ENDPOINT', target.endpoint],
  ];
}

function folderName(model: string | undefined): string {
  return (model ?? MODEL_PLACEHOLDER).split('/').at(-1) ?? '';
}

/** `folder` as no option and no model's name can be mistaken for. */
function localPath(folder: string): string {
  const explicit = folder === '.' || /^(?:[/\\]|\.{1,2}[/\\]|[A-Za-z]:[/\\])/.test(folder);
  return explicit ? folder : `./${folder}`;
}
