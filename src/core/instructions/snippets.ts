import * as l10n from '@vscode/l10n';
import { ACTION_IDS, type ActionId, type ClientId, type ServerTraits, client, switches } from './clients.ts';
import { type CommandText, type Written, commandText, unwritableSentence } from '../shells/commandText.ts';
import { quotePython } from '../shells/quoting.ts';
import { type CommandLine, type ShellId, shell } from '../shells/shells.ts';

/** What commands are about. Values are taken literally; where one cannot be written, there is no command. */
export interface InstructionTarget {
  /** What `HF_ENDPOINT` will hold. */
  readonly endpoint: string;
  readonly traits?: ServerTraits | undefined;
  /** `namespace/name`; a placeholder takes its place where it is undefined. */
  readonly model: string | undefined;
  /** The version to install, or a name for one; the newest where it is undefined. */
  readonly revision?: string | undefined;
  /** The folder to publish; the terminal's own where it is undefined. */
  readonly localFolder?: string | undefined;
  /** The branch of the registry to publish to; its main one where it is undefined. */
  readonly branch?: string | undefined;
  /** The commit message of a publish; the client's own where it is undefined. */
  readonly message?: string | undefined;
  /** The folder to install into; one named like the model where it is undefined. */
  readonly installFolder?: string | undefined;
  /** What is published, where it is a model of another Hub and not yet in the folder. */
  readonly source?: HubSource | undefined;
}

/** A model of another Hub. */
export interface HubSource {
  /** What `HF_ENDPOINT` will hold. */
  readonly endpoint: string;
  /** `namespace/name`, or a name alone. */
  readonly model: string;
  /** The newest where it is undefined. */
  readonly revision?: string | undefined;
}

/** Text to paste, and what a person should know before doing so. All but `text` is localised. */
export interface Snippet {
  /** Names it among those shown together. */
  readonly id: string;
  readonly title: string;
  readonly language: 'shell' | 'python' | 'yaml';
  /** Undefined where it cannot be written; then `explanation` begins with the reason and the way out. */
  readonly text: CommandText | undefined;
  readonly explanation: readonly string[];
  /** What the copy button is called, for those who hear it rather than see it. */
  readonly copyLabel: string;
  /** What is said once it was copied. */
  readonly copied: string;
}

/** Stands where the person puts a token. A real token stands in no command. */
export const TOKEN_PLACEHOLDER = '<your-token>';

export const MODEL_PLACEHOLDER = '<namespace>/<model>';

/** The variable that holds the token wherever one is needed. */
export const TOKEN_VARIABLE = 'HF_TOKEN';

export interface InstructionChoice {
  readonly client: ClientId;
  readonly shell: ShellId;
  /** `inTerminal`: token, address and switches are in the environment already, so that commands leave them out. */
  readonly variables: 'inCommand' | 'inTerminal';
}

/** The variables, besides the token, of a terminal in which every command works without its own assignments. */
export function terminalVariables({
  endpoint,
  traits = {},
}: Pick<InstructionTarget, 'endpoint' | 'traits'>): Readonly<Record<string, string>> {
  return { HF_ENDPOINT: endpoint, ...Object.fromEntries(switches(traits, 'publish')) };
}

/** The commands that publish to and install from `target`. */
export function snippets(target: InstructionTarget, choice: InstructionChoice): readonly Snippet[] {
  return ACTION_IDS.map((action) => snippet(action, target, choice));
}

/** What a person should know of every command for that client. Localised sentences. */
export function commonNotes(action: ActionId, choice: InstructionChoice): readonly string[] {
  const { id, notes } = client(choice.client);
  const tokenInCommand = id !== 'python' && choice.variables === 'inCommand';
  return [
    ...notes[action],
    ...(id === 'curl' && isWindowsShell(choice.shell)
      ? [
          l10n.t(
            'It needs curl 8.3 or newer, as Windows has. Outside Windows, write curl in place of curl.exe.',
          ),
        ]
      : []),
    ...(tokenInCommand
      ? [
          l10n.t(
            'A token in a command stays in the history of the shell. “Run in Terminal” keeps it out: its terminal has the token in its environment. So does “Open Terminal”, under Options.',
          ),
        ]
      : []),
  ];
}

/** One command of {@link snippets}. */
export function snippet(action: ActionId, target: InstructionTarget, choice: InstructionChoice): Snippet {
  const problem = choice.client === 'python' ? undefined : takenForOption(target.model);
  const checks = choice.client === 'curl';
  return {
    id: action,
    ...(checks ? CHECK(target) : ACTIONS[action](target)),
    language: choice.client === 'python' ? 'python' : 'shell',
    ...(problem === undefined
      ? textOf(write(action, target, choice), notes(action, target, choice))
      : { text: undefined, explanation: [problem] }),
  };
}

/** What was written with what there is to know of it, or why it was not. */
export function textOf(
  written: Written,
  explanation: readonly string[],
): Pick<Snippet, 'text' | 'explanation'> {
  return written.kind === 'written'
    ? { text: written.text, explanation }
    : { text: undefined, explanation: [unwritableSentence(written)] };
}

/** Why that cannot be an argument, whatever the shell; undefined where it can. */
export function takenForOption(argument: string | undefined): string | undefined {
  return argument?.startsWith('-') === true
    ? l10n.t('“{0}” begins with a hyphen, so that a program would take it for an option.', argument)
    : undefined;
}

function write(action: ActionId, target: InstructionTarget, choice: InstructionChoice): Written {
  if (choice.client === 'python') {
    return commandText(
      action === 'publish'
        ? publishInPython(target, quotePython(target.localFolder ?? '.'))
        : [...downloadInPython(target), ''],
      [],
    );
  }
  return writeCommand(commandLine(action, target, choice.client, choice.shell), choice);
}

/** A command for that shell, without its variables where the terminal has them. */
export function writeCommand(
  command: CommandLine,
  { shell: id, variables }: Pick<InstructionChoice, 'shell' | 'variables'>,
): Written {
  const environment = variables === 'inCommand' ? command.environment : [];
  return shell(id).write({ ...command, environment });
}

function commandLine(
  action: ActionId,
  target: InstructionTarget,
  id: Exclude<ClientId, 'python'>,
  shellId: ShellId,
): CommandLine {
  switch (id) {
    case 'hf':
    case 'huggingface-cli':
      return {
        environment: [...token(), ...access(target, action, id)],
        words: action === 'publish' ? uploadWords(target, id) : downloadWords(target, id),
      };
    case 'model-registries':
      return {
        environment: token(),
        words: action === 'publish' ? publishWords(target) : ourDownloadWords(target),
      };
    case 'curl':
      return checkCommand(action, target, shellId);
  }
}

/** `hf upload`, without its variables. */
export function uploadWords(
  target: Omit<InstructionTarget, 'endpoint'>,
  program: 'hf' | 'huggingface-cli',
): CommandLine['words'] {
  return [
    program,
    'upload',
    target.model ?? MODEL_PLACEHOLDER,
    localPath(target.localFolder ?? '.'),
    ...option('--revision', target.branch),
    ...(target.message === undefined ? [] : [`--commit-message=${target.message}`]),
  ];
}

/** `hf download`, without its variables. */
export function downloadWords(
  target: Omit<InstructionTarget, 'endpoint'>,
  program: 'hf' | 'huggingface-cli',
): CommandLine['words'] {
  return [
    program,
    'download',
    target.model ?? MODEL_PLACEHOLDER,
    ...option('--revision', target.revision),
    '--local-dir',
    localPath(installFolder(target)),
  ];
}

/** `model-registries publish`, without its variables. */
export function publishWords(target: InstructionTarget): CommandLine['words'] {
  return [
    'model-registries',
    'publish',
    localPath(target.localFolder ?? '.'),
    ...option('--hub', target.endpoint),
    ...option('--model', target.model ?? MODEL_PLACEHOLDER),
    ...option('--revision', target.branch),
    ...(target.message === undefined ? [] : [`--message=${target.message}`]),
  ];
}

/** `model-registries download`, without its variables. */
function ourDownloadWords(target: InstructionTarget): CommandLine['words'] {
  return [
    'model-registries',
    'download',
    versionName(target.model ?? MODEL_PLACEHOLDER, target.revision),
    ...option('--hub', target.endpoint),
    '--to',
    localPath(installFolder(target)),
  ];
}

/** A version as `model-registries` takes it: `namespace/name`, or `namespace/name@revision`. */
export function versionName(model: string, revision: string | undefined): string {
  return revision === undefined ? model : `${model}@${revision}`;
}

/**
 * The version in one request: `GET /api/models/{id}/revision/{revision}`. The token reaches curl by its standard input,
 * or by its variables (8.3 and newer) in the shells of Windows, which do not write bytes to a program as they are.
 */
function checkCommand(action: ActionId, target: InstructionTarget, shellId: ShellId): CommandLine {
  const revision = (action === 'publish' ? target.branch : target.revision) ?? 'main';
  const id = target.model?.split('/').map(encodeURIComponent).join('/') ?? MODEL_PLACEHOLDER;
  const address = `${target.endpoint}/api/models/${id}/revision/${encodeURIComponent(revision)}`;
  const options = ['--fail', '--silent', '--show-error'];
  return isWindowsShell(shellId)
    ? {
        environment: token(),
        words: [
          'curl.exe',
          ...options,
          ...['--variable', `%${TOKEN_VARIABLE}`],
          ...['--expand-header', `Authorization: Bearer {{${TOKEN_VARIABLE}}}`],
          address,
        ],
      }
    : {
        environment: token(),
        words: ['curl', ...options, '--header', '@-', address],
        input: { before: 'Authorization: Bearer ', variable: TOKEN_VARIABLE },
      };
}

function isWindowsShell(id: ShellId): boolean {
  return id === 'powershell' || id === 'cmd';
}

/**
 * Files in a folder, as Python's library uploads them. It reads the variables when it is imported; below 1.2 it needs
 * the address there to understand the server's answers, and everywhere as an argument, in case it was imported before.
 *
 * @param folder Code of the folder's path.
 * @param before What comes first, and which names of huggingface_hub that needs.
 */
export function publishInPython(
  target: InstructionTarget,
  folder: string,
  before: { readonly imports: readonly string[]; readonly lines: readonly string[] } = {
    imports: [],
    lines: [],
  },
): readonly string[] {
  const model = quotePython(target.model ?? MODEL_PLACEHOLDER);
  const branch = target.branch === undefined ? undefined : quotePython(target.branch);
  return [
    'import os',
    'from getpass import getpass',
    '',
    ...Object.entries(terminalVariables(target)).map(
      ([name, value]) => `os.environ[${quotePython(name)}] = ${quotePython(value)}`,
    ),
    '',
    `from huggingface_hub import ${['HfApi', ...before.imports].join(', ')}`,
    '',
    ...before.lines,
    'api = HfApi(',
    `    endpoint=${quotePython(target.endpoint)},`,
    `    token=${PYTHON_TOKEN},`,
    ')',
    `api.create_repo(${model}, exist_ok=True)`,
    ...(branch === undefined ? [] : [`api.create_branch(${model}, branch=${branch}, exist_ok=True)`]),
    'api.upload_folder(',
    `    repo_id=${model},`,
    `    folder_path=${folder},`,
    ...(branch === undefined ? [] : [`    revision=${branch},`]),
    ...(target.message === undefined ? [] : [`    commit_message=${quotePython(target.message)},`]),
    ')',
    '',
  ];
}

const PYTHON_TOKEN = 'os.environ.get("HF_TOKEN") or getpass("Access token: ")';

/**
 * Lines of Python that download a version and leave the path of its folder in `folder`.
 *
 * @param into `folder`: where an install puts it; `cache`: where libraries share it.
 */
export function downloadInPython(
  target: InstructionTarget,
  into: 'folder' | 'cache' = 'folder',
  imports: readonly string[] = [],
): readonly string[] {
  return [
    'import os',
    'from getpass import getpass',
    '',
    'from huggingface_hub import snapshot_download',
    ...imports,
    '',
    'folder = snapshot_download(',
    `    ${quotePython(target.model ?? MODEL_PLACEHOLDER)},`,
    ...(target.revision === undefined ? [] : [`    revision=${quotePython(target.revision)},`]),
    ...(into === 'folder' ? [`    local_dir=${quotePython(installFolder(target))},`] : []),
    `    endpoint=${quotePython(target.endpoint)},`,
    `    token=${PYTHON_TOKEN},`,
    ')',
  ];
}

interface ActionTexts {
  readonly title: string;
  readonly copyLabel: string;
  readonly copied: string;
}

const ACTIONS: Readonly<Record<ActionId, (target: InstructionTarget) => ActionTexts>> = {
  publish: () => ({
    title: l10n.t('Publish a new version'),
    copyLabel: l10n.t('Copy publish command'),
    copied: l10n.t('Publish command copied'),
  }),
  install: ({ revision }) => ({
    title: revision === undefined ? l10n.t('Install the newest version') : l10n.t('Install this version'),
    copyLabel: l10n.t('Copy install command'),
    copied: l10n.t('Install command copied'),
  }),
};

const CHECK = ({ revision }: InstructionTarget): ActionTexts => ({
  title: revision === undefined ? l10n.t('Check the newest version') : l10n.t('Check this version'),
  copyLabel: l10n.t('Copy check command'),
  copied: l10n.t('Check command copied'),
});

function notes(action: ActionId, target: InstructionTarget, choice: InstructionChoice): readonly string[] {
  const { client: id } = choice;
  return [
    ...nameNotes(target),
    ...whatItDoes(action, target, id),
    ...whyXetIsOff(action, target, id),
    ...tokenNotes(id === 'curl' ? 'install' : action, choice),
  ];
}

/** That a name has to be put in its place, where the command has none. */
export function nameNotes({ model }: Pick<InstructionTarget, 'model'>): readonly string[] {
  return model === undefined ? [l10n.t('Replace {0} with the name of your model.', MODEL_PLACEHOLDER)] : [];
}

/** Which token has to be put in its place, where the command has none. */
export function tokenNotes(
  action: ActionId,
  { client: id, variables }: Pick<InstructionChoice, 'client' | 'variables'>,
): readonly string[] {
  if (id === 'python' || variables === 'inTerminal') return [];
  return [
    action === 'publish'
      ? l10n.t('Replace {0} with a token that may read and write packages.', TOKEN_PLACEHOLDER)
      : l10n.t('Replace {0} with a token that may read packages.', TOKEN_PLACEHOLDER),
  ];
}

function whyXetIsOff(action: ActionId, { traits }: InstructionTarget, id: ClientId): readonly string[] {
  if (action !== 'publish' || traits?.xet || id !== 'hf') return [];
  return [
    l10n.t(
      'HF_HUB_DISABLE_XET=1 is needed because the registry stores files with Git LFS and has no Xet storage: without it, hf from huggingface_hub 1.20 or newer asks for an Xet token and fails.',
    ),
  ];
}

function whatItDoes(action: ActionId, target: InstructionTarget, id: ClientId): readonly string[] {
  if (id === 'curl') {
    return [
      l10n.t(
        'It prints what the registry knows of the version, its commit under “sha”. “401” means that the token is not accepted, “404” that there is no such version.',
      ),
    ];
  }
  return [action === 'publish' ? whatPublishDoes(target, id) : whatInstallDoes(installFolder(target), id)];
}

function whatInstallDoes(folder: string, id: Exclude<ClientId, 'curl'>): string {
  switch (id) {
    case 'python':
      return l10n.t(
        'It downloads into the folder {0} where you run it. Leave local_dir out to download into the cache that transformers and other libraries read.',
        folder,
      );
    case 'model-registries':
      return l10n.t(
        'It downloads into the folder {0} where you run it, and checks the hash of every file; run again, it goes on where it stopped. Where a file of other content is there, it downloads nothing, unless you add --replace. Leave --to out to download into the cache that transformers and other libraries read.',
        folder,
      );
    case 'hf':
    case 'huggingface-cli':
      return l10n.t(
        'It downloads into the folder {0} where you run it. Leave --local-dir out to download into the cache that transformers and other libraries read.',
        folder,
      );
  }
}

function whatPublishDoes({ localFolder }: InstructionTarget, id: ClientId): string {
  if (id === 'model-registries') {
    return localFolder === undefined
      ? l10n.t(
          'Run it in the model’s repository: it publishes the last commit, and nothing that is not committed.',
        )
      : l10n.t('It publishes the last commit of {0}, and nothing that is not committed.', localFolder);
  }
  return localFolder === undefined
    ? l10n.t(
        'Run it in the model’s folder: it uploads the files of that folder as they are on disk, committed or not.',
      )
    : l10n.t('It uploads the files of {0} as they are on disk, committed or not.', localFolder);
}

/** The token that is put in its place. */
export function token(): CommandLine['environment'] {
  return [[TOKEN_VARIABLE, TOKEN_PLACEHOLDER]];
}

/** Where the server is, and what a program of huggingface_hub needs with it. */
export function access(
  { endpoint, traits = {} }: InstructionTarget,
  action: ActionId,
  program: 'hf' | 'huggingface-cli',
): CommandLine['environment'] {
  // Below 1.0 there is nothing to switch off: what cannot be sent with Xet goes otherwise.
  const needed = switches(program === 'hf' ? traits : { ...traits, xet: true }, action);
  return [['HF_ENDPOINT', endpoint], ...needed];
}

/** In one word where the value could be taken for another option. */
export function option(name: string, value: string | undefined): readonly string[] {
  if (value === undefined) return [];
  return value.startsWith('-') ? [`${name}=${value}`] : [name, value];
}

function installFolder({
  model,
  installFolder: chosen,
}: Pick<InstructionTarget, 'model' | 'installFolder'>): string {
  return chosen ?? (model ?? MODEL_PLACEHOLDER).split('/').at(-1) ?? '';
}

/** `folder` as no option and no model's name can be mistaken for. */
function localPath(folder: string): string {
  const explicit = folder === '.' || /^(?:[/\\]|\.{1,2}[/\\]|[A-Za-z]:[/\\])/.test(folder);
  return explicit ? folder : `./${folder}`;
}
