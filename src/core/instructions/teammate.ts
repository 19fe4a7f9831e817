import * as l10n from '@vscode/l10n';
import { type CommandText, commandText, unwritableSentence } from '../shells/commandText.ts';
import type { ShellId } from '../shells/shells.ts';
import { INSTALL_HUB, type ServerTraits } from './clients.ts';
import type { ModelUse } from './modelUses.ts';
import { inProse, pageInProse } from './prose.ts';
import { type InstructionTarget, type Snippet, TOKEN_PLACEHOLDER, snippet } from './snippets.ts';
import { codeSnippets } from './useInCode.ts';

/** A version that a colleague is to get. */
export interface SharedVersion {
  /** What `HF_ENDPOINT` will hold. */
  readonly endpoint: string;
  readonly traits?: ServerTraits | undefined;
  /** What the registry is called. */
  readonly registry: string;
  /** `namespace/name`. */
  readonly model: string;
  /** The newest where it is undefined. */
  readonly commit: string | undefined;
  /** The message of its commit, where it is known. */
  readonly message: string | undefined;
  /** For people, where it is known. */
  readonly size: string | undefined;
  /** Its page, where it has one; its address at the registry stands there otherwise. */
  readonly page: URL | undefined;
  /** As its files tell; empty where they were not to be had. */
  readonly uses: readonly ModelUse[];
  /** Where a token comes from that may read it: a localised sentence of its service. */
  readonly wayToToken: string;
}

type TeammateText =
  | { readonly kind: 'written'; readonly text: CommandText }
  /** `sentence` is localised. */
  | { readonly kind: 'unwritable'; readonly sentence: string };

/** Whose shell and client are not known: those that most have. */
const SHELLS: readonly ShellId[] = ['posix', 'powershell'];

/** What ends a block of code, in Markdown or in a shell that a whole text is pasted into by accident. */
const ENDS_BLOCK = /[`\\]/;

/**
 * What a colleague needs to have a version: what it is, where it is, how it is installed and loaded, and where a token
 * comes from. Plain text that reads as it is and is Markdown, too: commands are blocks of code, and what strangers wrote
 * stands in sentences so that neither a chat nor a shell obeys it. It holds a placeholder and no token.
 */
export function teammateText(version: SharedVersion): TeammateText {
  const { endpoint, traits, model, commit } = version;
  const obeyed = [endpoint, model, commit ?? ''].find((value) => ENDS_BLOCK.test(value));
  if (obeyed !== undefined) {
    return {
      kind: 'unwritable',
      sentence: l10n.t(
        'There is no text for a teammate, because “{0}” holds a backtick or a backslash, which chats and shells would obey.',
        inProse(obeyed),
      ),
    };
  }
  const target = { endpoint, traits, model, revision: commit };
  const snippets = [
    ...SHELLS.map((shell) => installSnippet(target, shell)),
    pythonSnippet(target, version.uses),
  ];
  const unwritten = snippets.find(({ text }) => text === undefined);
  if (unwritten) return { kind: 'unwritable', sentence: unwritten.explanation[0] ?? '' };
  const [posix, powershell, python] = snippets.map(({ text }) => block(text ?? ''));
  const written = commandText(
    [
      ...facts(version),
      '',
      l10n.t('Install it with hf, which comes with: {0}', INSTALL_HUB),
      '',
      l10n.t('In bash or zsh:'),
      '',
      ...(posix ?? []),
      '',
      l10n.t('In PowerShell:'),
      '',
      ...(powershell ?? []),
      '',
      l10n.t('Load it in Python:'),
      '',
      ...(python ?? []),
      '',
      ...(snippets.at(-1)?.explanation ?? []).map((sentence) => `- ${sentence}`),
      '',
      l10n.t(
        'In place of “{0}” put a token that may read it. {1}',
        TOKEN_PLACEHOLDER.replace(/[<>]/g, ''),
        version.wayToToken,
      ),
      '',
    ],
    [],
  );
  return written.kind === 'written' ? written : { kind: 'unwritable', sentence: unwritableSentence(written) };
}

function facts({ endpoint, registry, model, commit, message, size, page }: SharedVersion): readonly string[] {
  const subject = message === undefined ? '' : inProse(message);
  return [
    l10n.t('Model: {0}', inProse(model)),
    l10n.t('Registry: {0}', inProse(registry)),
    ...(commit === undefined ? [] : [l10n.t('Version: {0}', inProse(commit))]),
    ...(subject === '' ? [] : [l10n.t('Message: {0}', subject)]),
    ...(size === undefined ? [] : [l10n.t('Size: {0}', size)]),
    l10n.t('Address: {0}', pageInProse(page ?? new URL(`${endpoint}/${model}`))),
  ].map((fact) => `- ${fact}`);
}

function installSnippet(target: InstructionTarget, shell: ShellId): Snippet {
  return snippet('install', target, { client: 'hf', shell, variables: 'inCommand' });
}

/** The library that loads it, else the one that downloads any; llama.cpp is no Python. */
function pythonSnippet(target: InstructionTarget, uses: readonly ModelUse[]): Snippet {
  const choice = { client: 'hf', shell: 'posix', variables: 'inCommand' } as const;
  const [first] = codeSnippets(target, uses, choice).filter(({ language }) => language === 'python');
  if (first === undefined) throw new TypeError('There is a snippet of Python for every model.');
  return first;
}

/** Lines of code without a language's name, which chats would show. */
function block(text: string): readonly string[] {
  return ['```', ...text.trimEnd().split('\n'), '```'];
}
