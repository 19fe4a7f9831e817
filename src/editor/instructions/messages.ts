import * as z from 'zod/mini';
import { CLIENT_IDS, type ClientId } from '../../core/instructions/clients.ts';
import { SHELL_IDS, type ShellId } from '../../core/shells/shells.ts';

export const TAB_IDS = ['publish', 'install', 'code', 'pipeline'] as const;
export type TabId = (typeof TAB_IDS)[number];

/** What a person can type. A field may stand in several tabs. */
export const FIELD_IDS = [
  'source',
  'model',
  'folder',
  'branch',
  'message',
  'revision',
  'into',
  'pipeline',
  'buildBranch',
] as const;
export type FieldId = (typeof FIELD_IDS)[number];

/** Characters of a field, at most. */
const LONGEST_VALUE = 8192;

/** No program can be given a NUL, and half a character is none. */
export const fieldValue = z.string().check(
  z.maxLength(LONGEST_VALUE),
  z.refine((value) => !/\0|\p{Surrogate}/u.test(value)),
);

/** What the script tells the host. It names snippets, and never says what to copy or to run: the host has the texts. */
export const messageFromPanel = z.discriminatedUnion('kind', [
  /** The script runs and wants the state; sent again whenever the panel's page is made anew. */
  z.strictObject({ kind: z.literal('ready') }),
  z.strictObject({ kind: z.literal('choose'), client: z.enum(CLIENT_IDS), shell: z.enum(SHELL_IDS) }),
  z.strictObject({ kind: z.literal('tab'), tab: z.enum(TAB_IDS) }),
  z.strictObject({ kind: z.literal('edit'), field: z.enum(FIELD_IDS), value: fieldValue }),
  z.strictObject({ kind: z.literal('variables'), inTerminal: z.boolean() }),
  /** The options were unfolded, or folded. */
  z.strictObject({ kind: z.literal('options'), open: z.boolean() }),
  z.strictObject({ kind: z.literal('copy'), snippet: z.string().check(z.maxLength(64)) }),
  /** In a terminal that has the token. */
  z.strictObject({ kind: z.literal('run'), snippet: z.string().check(z.maxLength(64)) }),
  z.strictObject({ kind: z.literal('openTerminal') }),
  z.strictObject({ kind: z.literal('chooseFolder') }),
  z.strictObject({ kind: z.literal('createReadToken') }),
]);

export type MessageFromPanel = z.infer<typeof messageFromPanel>;

export type MessageToPanel =
  /** All that is shown; replaces what was shown before. */
  | { readonly kind: 'state'; readonly state: PanelState }
  | { readonly kind: 'copied'; readonly snippet: string }
  /** Something was done, or could not be; a sentence, shown beside the button that was pressed. */
  | {
      readonly kind: 'notice';
      readonly about: NoticeSubject;
      readonly outcome: 'done' | 'failed';
      readonly sentence: string;
    };

/** The button that a notice is about. */
export type NoticeSubject =
  | { readonly kind: 'terminal' }
  | { readonly kind: 'readToken' }
  | { readonly kind: 'snippet'; readonly id: string };

/** Every text is localised already. Nothing here is secret. */
export interface PanelState {
  readonly heading: string;
  /** What the commands are about, in a line: registry and version. */
  readonly place: string;
  readonly options: PanelOptions;
  /** What the row of tabs is called, for those who hear it. */
  readonly tabsLabel: string;
  readonly tab: TabId;
  readonly tabs: readonly PanelTab[];
  /** What the page keeps for the panel to be shown again after a reload of the window. */
  readonly saved: unknown;
}

/** What commands can be changed by, below them and folded until a person wants it. */
export interface PanelOptions {
  readonly label: string;
  /** What is chosen, for a glance while they are folded. */
  readonly chosen: string;
  readonly open: boolean;
  readonly client: PanelChoice<ClientId>;
  readonly shell: PanelChoice<ShellId>;
  readonly terminal: {
    readonly button: string;
    readonly explanation: string;
    /** The checkbox that leaves the variables out of commands. */
    readonly inTerminal: { readonly label: string; readonly checked: boolean };
  };
  /** The whole of what {@link PanelState.place} names. */
  readonly facts: readonly { readonly label: string; readonly value: string }[];
}

export interface PanelTab {
  readonly id: TabId;
  readonly label: string;
  readonly fields: readonly PanelField[];
  readonly statements: readonly PanelStatement[];
  readonly snippets: readonly PanelSnippet[];
  /** Which fields among the options hold what is no good; undefined where none does. */
  readonly check: string | undefined;
  /** The button that has a token created for whoever follows the snippets; undefined where that cannot be done. */
  readonly readToken: { readonly button: string; readonly explanation: string } | undefined;
}

/** Something about this machine or this model that decides whether a snippet works. */
export interface PanelStatement {
  readonly tone: 'good' | 'warning' | 'bad' | 'waiting';
  readonly sentence: string;
}

export interface PanelField {
  readonly id: FieldId;
  /** `front`: the commands have a gap without it, so it stands before them. */
  readonly place: 'front' | 'options';
  readonly label: string;
  readonly value: string;
  /** What holds while it is empty. */
  readonly placeholder: string;
  readonly lines: 'one' | 'several';
  /** Why the value is no good; undefined where it is. */
  readonly problem: string | undefined;
  /** The button beside it that has a folder chosen. */
  readonly browse: string | undefined;
}

export interface PanelChoice<Id extends string> {
  readonly label: string;
  readonly chosen: Id;
  readonly options: readonly { readonly id: Id; readonly label: string }[];
}

export interface PanelSnippet {
  readonly id: string;
  readonly title: string;
  readonly text: string | undefined;
  /** What there is to know of the text, or why there is none. */
  readonly explanation: readonly string[];
  /** What unfolds the explanation of a text says, and what it is called. */
  readonly notes: { readonly text: string; readonly label: string };
  /** What the button says, what it is called, and what is announced once it has copied. */
  readonly copy: { readonly text: string; readonly label: string; readonly done: string };
  /** The button that runs it; undefined for what no shell runs as it is. */
  readonly run: { readonly text: string; readonly label: string } | undefined;
}
