import type * as vscode from 'vscode';
import type { HttpClient } from '../core/http/client.ts';
import type { Log } from '../core/log.ts';
import type { CommitName, GitObjectId } from '../core/objectIds.ts';
import type { Failure } from '../core/failure.ts';
import type { Registry } from '../core/hosts/host.ts';
import type { RegistryService } from '../core/hosts/service.ts';
import type { HashMemory } from '../core/snapshot/hashMemory.ts';
import type { Session, Sessions } from './accounts/sessions.ts';
import type { Commands } from './commands.ts';
import type { Prompts } from './prompts.ts';
import type { Publishes, PublishHistory, ShownPlans } from './publishService.ts';
import type { ModelRow, RegistryRow, Row, VersionRow } from './rows.ts';
import type { Settings } from './settings.ts';
import type { WatchedMemory } from './watchedMemory.ts';

/** What a feature gets from the composition root (src/extension.ts). Features know each other only through it. */
export interface Services {
  /** Redacted already. */
  readonly log: Log;
  readonly http: HttpClient;
  /** Hashes of large files, kept so that none is computed twice. */
  readonly hashes: HashMemory;
  /** The publishes of this workspace that came to their ends. */
  readonly history: PublishHistory;
  /** The publishes that are under way, and the way to begin one. */
  readonly publishes: Publishes;
  /** The diffs of planned publishes that can be published from. */
  readonly shownPlans: ShownPlans;
  readonly settings: Settings;
  /** Those that the settings name. */
  readonly registryServices: RegistryServices;
  readonly sessions: Sessions;
  readonly prompts: Prompts;
  readonly commands: Commands;
  readonly registriesView: RegistriesView;
  /** Kept per workspace, such as the target a repository was last published to. */
  readonly workspaceMemory: vscode.Memento;
  /** Kept for every window, such as the shell that commands are shown for. */
  readonly globalMemory: WatchedMemory;
  /** Folder of the installed extension, for `media` and `dist/panels`. */
  readonly extensionUri: vscode.Uri;
}

/** The services of registries that the settings name. */
export interface RegistryServices {
  /** In the order of their kinds. Made anew when a setting changes. */
  readonly all: readonly RegistryService[];
  /** Why the services of a kind are not among them: a setting that holds no good value. */
  readonly failures: readonly Failure[];
  /** Some are others now, or have other addresses. */
  readonly onDidChange: vscode.Event<void>;
  dispose(): void;
}

/** The Registries view, as other features see it. */
export interface RegistriesView {
  /** Loads the children of a row anew, or everything. Old rows stay until the new ones are here. Loads nothing while the view is hidden. */
  refresh(row?: Row): void;
  /** Versions of `model` came or went: the lists of its registry and of its own are loaded anew. */
  versionsChanged(session: Session, registry: Registry, model: string): void;
  /** Registries of `organization` (a slug) came, went or changed: their list is loaded anew. */
  registriesChanged(session: Session, organization: string): void;
  /** The registries of `organization` (a slug) that a person can see in the view now; undefined where they are not all there. */
  shownRegistries(session: Session, organization: string): readonly Registry[] | undefined;
  /** The loaded versions that are `commit`, published or as such. */
  versionsOf(commit: GitObjectId): readonly VersionRow[];
  /** What `versionsOf` gives may be different now. */
  readonly onDidLearnVersions: vscode.Event<void>;
  /** Shows only a registry's models whose names hold `text`; undefined shows all again. */
  filter(row: RegistryRow, text: string | undefined): void;
  /** Shows a model's versions on that branch or at that tag; undefined shows those of the host's own revision. */
  showRevision(row: ModelRow, revision: string | undefined): void;
  /** Shows the view and selects the version of `commit`, or its model where the server does not list the version yet. */
  revealVersion(session: Session, registry: Registry, model: string, commit: CommitName): Promise<void>;
  /** Shows the view and selects the model; where it is not among those loaded, its registry shows only what bears its name. */
  revealModel(session: Session, registry: Registry, model: string): Promise<void>;
  revealRegistry(session: Session, registry: Registry): Promise<void>;
}
