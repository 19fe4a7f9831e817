import * as z from 'zod';
import { CLIENT_IDS, type ClientId } from '../../core/instructions/clients.ts';
import { SHELL_IDS, type ShellId } from '../../core/instructions/shells.ts';

/** What the panel's script tells the host. It names commands, and never says what to copy: the host has the texts. */
export const messageFromPanel = z.discriminatedUnion('kind', [
  /** The script runs and wants the state; sent again whenever the panel's page is made anew. */
  z.strictObject({ kind: z.literal('ready') }),
  z.strictObject({ kind: z.literal('choose'), client: z.enum(CLIENT_IDS), shell: z.enum(SHELL_IDS) }),
  z.strictObject({ kind: z.literal('copy'), snippet: z.string().max(64) }),
]);

export type MessageFromPanel = z.infer<typeof messageFromPanel>;

export type MessageToPanel =
  /** All that is shown; replaces what was shown before. */
  | { readonly kind: 'state'; readonly state: PanelState }
  | { readonly kind: 'copied'; readonly snippet: string };

/** Every text is localised already. Nothing here is secret. */
export interface PanelState {
  readonly heading: string;
  /** What the commands are about, such as registry and version. */
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  readonly client: PanelChoice<ClientId>;
  readonly shell: PanelChoice<ShellId>;
  /** What holds for every command shown. */
  readonly notes: readonly string[];
  readonly snippets: readonly PanelSnippet[];
}

export interface PanelChoice<Id extends string> {
  readonly label: string;
  readonly chosen: Id;
  readonly options: readonly { readonly id: Id; readonly label: string }[];
}

export interface PanelSnippet {
  readonly id: string;
  readonly title: string;
  readonly command: string | undefined;
  readonly explanation: readonly string[];
  /** What the button says, what it is called, and what is announced once it has copied. */
  readonly copy: { readonly text: string; readonly label: string; readonly done: string };
}
