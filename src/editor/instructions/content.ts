import type { ServerTraits } from '../../core/instructions/clients.ts';
import type { ModelUse } from '../../core/instructions/modelUses.ts';
import type { InstructionChoice } from '../../core/instructions/snippets.ts';
import type { InstalledClient } from '../../core/programs/installedClients.ts';
import type { CommitName } from '../../core/objectIds.ts';
import type { Registry } from '../../core/hosts/host.ts';
import type { BuildInstructions } from '../../core/hosts/service.ts';
import type { FieldId, TabId } from './messages.ts';

/** What one panel is about. */
export interface PanelSubject {
  /** Whose registry it is. */
  readonly accountId: string;
  readonly registry: Pick<Registry, 'organization' | 'slug' | 'name'>;
  readonly endpoint: URL;
  /** Absent where the account is signed out. */
  readonly traits?: ServerTraits | undefined;
  /** `namespace/name`. */
  readonly model: string | undefined;
  readonly commit: CommitName | undefined;
}

/** What was typed; '' where nothing was. */
export type PanelInputs = Readonly<Record<FieldId, string>>;

/** The clients of this machine: not looked for where the workspace is not trusted. */
export type InstalledState =
  | { readonly kind: 'looking' }
  | { readonly kind: 'untrusted' }
  | { readonly kind: 'known'; readonly clients: readonly InstalledClient[] };

/** What is known of how the model can be used. */
export type UsesState =
  /** No model is named. */
  | { readonly kind: 'none' }
  | { readonly kind: 'looking' }
  | { readonly kind: 'known'; readonly uses: readonly ModelUse[] }
  | { readonly kind: 'failed'; readonly sentence: string };

/** What is known of the registry's OIDC policy. */
export type PolicyState =
  /** The account may not read it, the service has none, or nobody looks at the tab. */
  | { readonly kind: 'none' }
  | { readonly kind: 'looking' }
  /** undefined: there is none. */
  | { readonly kind: 'known'; readonly policy: string | undefined }
  | { readonly kind: 'failed'; readonly sentence: string };

/** All that a panel's page is made from. */
export interface PanelContent {
  readonly subject: PanelSubject;
  readonly inputs: PanelInputs;
  readonly tab: TabId;
  readonly choice: InstructionChoice;
  readonly installed: InstalledState;
  readonly uses: UsesState;
  /** How builds publish; undefined where the service of the registry builds nothing. */
  readonly builds: BuildInstructions | undefined;
  /** Whether the account may create tokens that only read the registry. */
  readonly mayCreateReadToken: boolean;
  readonly policy: PolicyState;
  /** Whether the options stand unfolded below the commands. */
  readonly optionsOpen: boolean;
  readonly saved: unknown;
}

/** Two subjects with the same key share a panel. */
export function subjectKey({ accountId, endpoint, model, commit }: PanelSubject): string {
  return JSON.stringify([accountId, endpoint.href, model, commit]);
}

export function firstInputs({ model, commit }: PanelSubject): PanelInputs {
  return {
    source: '',
    model: model ?? '',
    folder: '',
    branch: '',
    message: '',
    revision: commit ?? '',
    into: '',
    pipeline: '',
    buildBranch: 'main',
  };
}

/** A version is there to be installed; into a registry or a model, one publishes. */
export function firstTab({ commit }: PanelSubject): TabId {
  return commit === undefined ? 'publish' : 'install';
}
