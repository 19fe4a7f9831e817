import * as l10n from '@vscode/l10n';
import { commandText, inOrder, type Written } from '../shells/commandText.ts';
import { type CommandLine, shell } from '../shells/shells.ts';
import type { GgufFile, ModelUse } from './modelUses.ts';
import {
  type InstructionChoice,
  type InstructionTarget,
  type Snippet,
  MODEL_PLACEHOLDER,
  TOKEN_PLACEHOLDER,
  TOKEN_VARIABLE,
  access,
  downloadInPython,
  nameNotes,
  takenForOption,
  textOf,
  tokenNotes,
} from './snippets.ts';

/** How the model is used in code: huggingface_hub for any, and what else loads it. */
export function codeSnippets(
  target: InstructionTarget,
  uses: readonly ModelUse[],
  choice: InstructionChoice,
): readonly Snippet[] {
  return [...uses.map((use) => useSnippet(target, use, choice)), hubSnippet(target)];
}

function useSnippet(target: InstructionTarget, use: ModelUse, choice: InstructionChoice): Snippet {
  switch (use.kind) {
    case 'transformers':
      return pythonSnippet('transformers', transformersCode(target, use), [
        install('transformers'),
        ...(use.ownCode
          ? [
              l10n.t(
                'This model brings Python code of its own, which transformers runs only with trust_remote_code=True. Read that code before you add it.',
              ),
            ]
          : []),
        ...common(target),
      ]);
    case 'diffusers':
      return pythonSnippet(
        'diffusers',
        [
          ...downloadInPython(target, 'cache', ['from diffusers import DiffusionPipeline']),
          'pipeline = DiffusionPipeline.from_pretrained(folder)',
          '',
        ],
        [install('diffusers'), ...common(target)],
      );
    case 'llama.cpp':
      return llamaSnippet(target, use, choice);
  }
}

function hubSnippet(target: InstructionTarget): Snippet {
  return pythonSnippet(
    'huggingface_hub',
    [...downloadInPython(target, 'cache'), 'print(folder)', ''],
    [
      l10n.t('“folder” is where the files are; libraries load from it, and a second run downloads nothing.'),
      ...common(target),
    ],
  );
}

function pythonSnippet(name: string, lines: readonly string[], explanation: readonly string[]): Snippet {
  return { ...texts(name), language: 'python', ...textOf(commandText(lines, []), explanation) };
}

/** From the folder and not by the model's name, so that no library asks another Hub for something. */
function transformersCode(
  target: InstructionTarget,
  { modelClass, preprocessor }: ModelUse & { readonly kind: 'transformers' },
): readonly string[] {
  const names = [modelClass, ...(preprocessor === undefined ? [] : [preprocessor])].sort();
  return [
    ...downloadInPython(target, 'cache', [`from transformers import ${names.join(', ')}`]),
    ...(preprocessor === undefined
      ? []
      : [
          `${preprocessor === 'AutoTokenizer' ? 'tokenizer' : 'processor'} = ${preprocessor}.from_pretrained(folder)`,
        ]),
    `model = ${modelClass}.from_pretrained(folder)`,
    '',
  ];
}

function llamaSnippet(
  target: InstructionTarget,
  use: ModelUse & { readonly kind: 'llama.cpp' },
  choice: InstructionChoice,
): Snippet {
  const { file, others } = use;
  const problem = takenForOption(target.model) ?? takenForOption(file.path);
  return {
    ...texts('llama.cpp'),
    language: 'shell',
    ...(problem === undefined
      ? textOf(llamaCommands(target, file, choice), [
          l10n.t('It downloads {0} with hf, and starts llama.cpp with it.', file.parts),
          ...(others.length === 0
            ? []
            : [l10n.t('Other models of this repository: {0}', others.map(({ path }) => path).join(', '))]),
          ...tokenNotes('install', { client: 'hf', variables: choice.variables }),
          ...nameNotes(target),
        ])
      : { text: undefined, explanation: [problem] }),
  };
}

/** The download, and the start. */
function llamaCommands(target: InstructionTarget, file: GgufFile, choice: InstructionChoice): Written {
  const folder = `./${(target.model ?? MODEL_PLACEHOLDER).split('/').at(-1) ?? ''}`;
  const isSplit = file.parts !== file.path;
  const environment: CommandLine['environment'] =
    choice.variables === 'inCommand'
      ? [[TOKEN_VARIABLE, TOKEN_PLACEHOLDER], ...access(target, 'install', 'hf')]
      : [];
  const chosen = shell(choice.shell);
  const download = chosen.write({
    environment,
    words: [
      'hf',
      'download',
      target.model ?? MODEL_PLACEHOLDER,
      ...(isSplit ? [`--include=${file.parts}`] : [file.path]),
      ...(target.revision === undefined ? [] : [`--revision=${target.revision}`]),
      '--local-dir',
      folder,
    ],
  });
  const start = chosen.write({ environment: [], words: ['llama-cli', '--model', `${folder}/${file.path}`] });
  return inOrder([download, start]);
}

function texts(name: string): Pick<Snippet, 'id' | 'title' | 'copyLabel' | 'copied'> {
  return {
    id: `use.${name}`,
    title: name,
    copyLabel: l10n.t('Copy code for {0}', name),
    copied: l10n.t('Code for {0} copied', name),
  };
}

function install(library: string): string {
  return l10n.t('Install the libraries with: pip install --upgrade {0}', `huggingface_hub ${library}`);
}

function common(target: InstructionTarget): readonly string[] {
  return [
    l10n.t('It takes the token from the variable HF_TOKEN, and asks for one where that is not set.'),
    ...nameNotes(target),
  ];
}
